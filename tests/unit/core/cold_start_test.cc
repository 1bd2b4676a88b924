// Items and visitors without a history: what metadata and exploration do for them.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/recipes/campaign.h"
#include "core/recipes/recommend.h"
#include "tests/unit/core/reopen.h"
#include "tests/unit/core/taught_state.h"

namespace freshet::core {
namespace {

using testing::Contains;
using testing::ElementsAre;

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

const CampaignSettings kSimilar{.name = "similar", .recipe = RecipeKind::kSimilarItems};
const CampaignSettings kPersonal{.name = "personal", .exploration_weight = 0};
const CampaignSettings kExploring{.name = "exploring", .exploration_weight = 0.2};

PutItem Titled(const std::string& item, const std::string& title) {
  return {.item_id = item, .columns = {{"TITLE", title}}};
}

// A view of `item` from an answer that showed `shown`.
Event View(const TaughtState& state, const std::string& item,
           const std::vector<std::string>& shown) {
  Event event;
  event.user_id = "u1";
  event.item_id = item;
  event.event_type = "view";
  event.time_ms = state.state().clock_ms();
  event.impression = shown;
  return event;
}

std::vector<std::string> Explored(const TaughtState& state, const std::vector<AnswerItem>& answer) {
  std::vector<std::string> names;
  for (const AnswerItem& item : answer) {
    if (item.reason == Reason::kExplored) names.push_back(state.Name(item));
  }
  return names;
}

// Forty items known by what twenty users did, in which each is touched by half of them.
TaughtState KnownShop() {
  TaughtState state;
  for (int user = 0; user < 40; ++user) {
    for (int i = 0; i < 20; ++i) {
      state.Touch("u" + std::to_string(user), "old" + std::to_string((user + i * 2) % 40));
    }
  }
  return state;
}

TEST(ColdItem, IsFoundBesideThoseLikeIt) {
  TaughtState state = KnownShop();
  state.Apply(Titled("old1", "red retro mug"));
  state.Apply(Titled("old2", "garden spade"));
  state.Apply(Titled("new", "blue retro mug"));
  const auto answer = state.Recommend(kSimilar, {.item = "new", .count = 1});
  EXPECT_THAT(state.Names(answer), ElementsAre("old1"));
  EXPECT_EQ(answer[0].reason, Reason::kNone);
}

TEST(ColdItem, IsFoundByWhoLikesItsLike) {
  TaughtState state = KnownShop();
  state.Apply(Titled("old1", "red retro mug"));
  state.Apply(Titled("new", "blue retro mug"));
  state.Apply(Titled("other", "garden spade"));
  state.Touch("ann", "old1");
  const auto names =
      state.Names(state.Recommend(kPersonal, {.visitor = User("ann"), .count = 500}));
  EXPECT_THAT(names, Contains("new"));
  const auto place = [&](const char* name) {
    return std::find(names.begin(), names.end(), name) - names.begin();
  };
  EXPECT_LT(place("new"), place("other"));
}

TEST(ColdItem, MetadataGiveWayToHistory) {
  TaughtState state;
  state.Apply(Titled("mug", "red retro mug"));
  state.Apply(Titled("like", "red retro cup"));
  for (int user = 0; user < 30; ++user) {
    state.TouchAll("u" + std::to_string(user), {"mug", "spoon"});
  }
  EXPECT_THAT(state.Names(state.Recommend(kSimilar, {.item = "mug", .count = 2})),
              ElementsAre("spoon", "like"));
  CampaignSettings without = kSimilar;
  without.content_weight = 0;
  const auto answer = state.Recommend(without, {.item = "mug", .count = 2});
  ASSERT_EQ(answer.size(), 2U);
  EXPECT_EQ(answer[1].reason, Reason::kPopular);
}

TEST(Exploration, GivesItsShareOfPlacesToNewItems) {
  TaughtState state = KnownShop();
  for (int i = 0; i < 100; ++i) state.Apply(Titled("new" + std::to_string(i), "thing"));
  state.Touch("ann", "old1");
  std::set<std::string> explored;
  for (int i = 0; i < 500; ++i) {
    const auto& answer = state.Recommend(kExploring, {.visitor = User("ann"), .count = 10});
    ASSERT_EQ(answer.size(), 10U);
    ASSERT_NE(answer[0].reason, Reason::kExplored);
    const auto names = Explored(state, answer);
    ASSERT_EQ(names.size(), 2U);
    ASSERT_NE(names[0], names[1]);
    explored.insert(names.begin(), names.end());
    state.Apply(View(state, "old1", names));  // they were shown, and not chosen
  }
  EXPECT_EQ(explored.size(), 100U);  // nobody starves
}

TEST(Exploration, AFractionOfAPlaceFallsToAPartOfTheQueries) {
  TaughtState state = KnownShop();
  state.Apply(Titled("new", "thing"));
  int explored = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string user = "visitor" + std::to_string(i);
    explored += static_cast<int>(
        Explored(state, state.Recommend(kExploring, {.visitor = User(user), .count = 2})).size());
  }
  EXPECT_GT(explored, 300);  // 0.2 of 2 places: in 400 of 1000, give or take 16
  EXPECT_LT(explored, 500);
}

TEST(Exploration, IsOfYoungDescribedUnknownItemsOnly) {
  TaughtState state = KnownShop();
  state.Apply(Titled("aged", "thing"));
  state.Wait(40 * kDayMs);
  state.Touch("u1", "old1");
  const auto created = [&](const std::string& item, double days) {
    const double seconds = static_cast<double>(state.state().clock_ms()) / 1000 + days * 86'400;
    state.Apply(PutItem{item,
                        {{"TITLE", std::string("thing")},
                         {"CREATION_TIMESTAMP", *Number::Parse(std::to_string(seconds))}}});
  };
  created("backdated", -31);
  created("announced", 1);
  created("young", -29);
  created("deleted", 0);
  state.Delete("deleted");
  state.Touch("u1", "undescribed");
  created("wanted", -1);
  for (int user = 0; user < 12; ++user) state.Touch("u" + std::to_string(user), "wanted");
  std::set<std::string> explored;
  for (int i = 0; i < 100; ++i) {
    const std::string user = "visitor" + std::to_string(i);
    const auto names =
        Explored(state, state.Recommend(kExploring, {.visitor = User(user), .count = 10}));
    explored.insert(names.begin(), names.end());
  }
  EXPECT_THAT(explored, ElementsAre("young"));
}

TEST(Exploration, KeepsToTheCategoryAndToWhatTheVisitorHasNotSeen) {
  TaughtState state = KnownShop();
  state.Describe("game", "games");
  state.Describe("book", "books");
  state.Describe("seen", "games");
  state.Touch("ann", "seen");
  CampaignSettings settings = kExploring;
  settings.exploration_weight = 1;
  settings.leave_out = LeaveOut::kSeen;
  const Query query{.visitor = User("ann"), .category = "games", .count = 10};
  EXPECT_THAT(state.Names(state.Recommend(settings, query)), ElementsAre("game"));
}

TEST(Exploration, WhatIsChosenWhenShownComesAgain) {
  TaughtState state = KnownShop();
  for (int i = 0; i < 20; ++i) state.Apply(Titled("new" + std::to_string(i), "thing"));
  for (int round = 0; round < 300; ++round) {
    const std::string shown = "new" + std::to_string(round % 20);
    state.Apply(View(state, round % 20 == 7 ? shown : "old1", {shown, "old1"}));
  }
  int chosen = 0;
  for (int i = 0; i < 50; ++i) {
    const std::string user = "visitor" + std::to_string(i);
    const auto names =
        Explored(state, state.Recommend(kExploring, {.visitor = User(user), .count = 5}));
    ASSERT_EQ(names.size(), 1U);
    if (names[0] == "new7") ++chosen;
  }
  EXPECT_EQ(chosen, 50);
}

TEST(Exploration, AnOutcomeMayComeByRecommendationIdAlone) {
  TaughtState state = KnownShop();
  state.Apply(Titled("new", "thing"));
  Event event = View(state, "new", {});
  event.recommendation_id = "RID-1";
  state.Apply(event);
  EXPECT_EQ(state.state().exposures().Chosen(state.Item("new")), 1U);
  EXPECT_EQ(state.state().exposures().Shown(state.Item("new")), 0U);
}

TEST(Exploration, SurvivesARestartToTheByte) {
  Settings settings;
  State state(settings);
  std::uint64_t offset = 0;
  const auto apply = [&](LogEntry entry) {
    state.Apply({{0, offset}, static_cast<std::int64_t>(1'600'000'000'000 + offset), entry});
    ++offset;
  };
  for (int i = 0; i < 300; ++i) {
    apply(Titled("item" + std::to_string(i),
                 "w" + std::to_string(i % 13) + " w" + std::to_string(i % 7)));
    Event event;
    event.user_id = "u" + std::to_string(i % 9);
    event.item_id = "item" + std::to_string(i * 7 % (i + 1));
    event.event_type = "view";
    event.time_ms = 1'600'000'000'000 + i;
    event.impression = {"item" + std::to_string(i / 2), event.item_id};
    apply(event);
    if (i % 10 == 9) apply(DeleteItem{"item" + std::to_string(i - 5)});
  }
  StoredRows stored;
  stored.Commit(&state);
  const auto loaded = stored.Load(settings);
  ASSERT_TRUE(loaded.has_value());
  const Campaign campaign(kExploring);
  QueryScratch before;
  QueryScratch after;
  for (int i = 0; i < 20; ++i) {
    const std::string user = "u" + std::to_string(i);
    const Query query{.visitor = User(user), .count = 50};
    Recommend(state, campaign.recipe(), query, &before);
    Recommend(**loaded, campaign.recipe(), query, &after);
    ASSERT_EQ(before.answer.size(), after.answer.size());
    for (std::size_t place = 0; place < before.answer.size(); ++place) {
      ASSERT_EQ(before.answer[place].item, after.answer[place].item) << user << ' ' << place;
      ASSERT_EQ(before.answer[place].score, after.answer[place].score) << user << ' ' << place;
      ASSERT_EQ(before.answer[place].features, after.answer[place].features);
    }
  }
}

}  // namespace
}  // namespace freshet::core
