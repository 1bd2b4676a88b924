// What counts as liking, and how often: repeats, ratings and event types of no weight.
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "core/event_weight.h"
#include "tests/unit/core/taught_state.h"

namespace freshet::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const CampaignSettings kPersonal{.name = "personal", .recipe = RecipeKind::kUserPersonalization};
const CampaignSettings kTrending{.name = "trending", .recipe = RecipeKind::kTrendingNow};
const CampaignSettings kSimilar{.name = "similar", .recipe = RecipeKind::kSimilarItems};
const CampaignSettings kUnseen{
    .name = "unseen", .recipe = RecipeKind::kUserPersonalization, .leave_out = LeaveOut::kSeen};

void Rate(TaughtState* state, const std::string& user, const std::string& item, double value) {
  Event event;
  event.user_id = user;
  event.item_id = item;
  event.event_type = "rating";
  event.value = value;
  event.time_ms = state->state().clock_ms() + 1000;
  state->Apply(std::move(event));
}

TaughtState WithSpam() {
  TaughtState state;
  for (int user = 0; user < 30; ++user) {
    state.TouchAll("user " + std::to_string(user), {"bread", "milk", "tea"});
  }
  for (int i = 0; i < 50; ++i) state.Touch("robot", "spam", "view", "visit");
  return state;
}

TEST(Demand, OneVisitorOfManyViewsDoesNotLeadWhatStrangersSee) {
  TaughtState state = WithSpam();
  EXPECT_THAT(state.Names(state.Recommend(kPersonal, {.visitor = User("new"), .count = 3})),
              UnorderedElementsAre("bread", "milk", "tea"));
  EXPECT_THAT(state.Names(state.Recommend(kTrending, {.count = 3})),
              UnorderedElementsAre("bread", "milk", "tea"));
}

TEST(Demand, OneUserOfManySessionsCountsOnce) {
  TaughtState state;
  for (int i = 0; i < 50; ++i) state.Touch("robot", "spam", "view", "visit " + std::to_string(i));
  EXPECT_NEAR(state.state().popularity().Demand(state.Item("spam"), state.state().clock_ms()), 1,
              1e-3);
}

TEST(Demand, ARepeatCountsForWhatHasDecayed) {
  TaughtState state;
  const auto demand = [&] {
    return state.state().popularity().Demand(state.Item("tea"), state.state().clock_ms());
  };
  state.Touch("ann", "tea");
  state.Wait(state.state().settings().popularity_half_life_ms);
  state.Touch("bob", "milk");
  EXPECT_NEAR(demand(), 0.5, 1e-3);
  state.Touch("ann", "tea");
  EXPECT_NEAR(demand(), 1, 1e-3);
}

TEST(Demand, AStrongerEventRaisesItToItsOwnWeight) {
  TaughtState state;
  for (const char* type : {"view", "view", "cart", "purchase", "view", "purchase"}) {
    state.Touch("ann", "tea", type);
  }
  EXPECT_NEAR(state.state().popularity().Demand(state.Item("tea"), state.state().clock_ms()), 5,
              1e-2);
}

TEST(Demand, AnAudienceIsNotLedByOneOfIt) {
  TaughtState state;
  for (const char* user : {"ann", "bob", "eve", "robot", "new"}) {
    state.Apply(PutUser{user, {{"COUNTRY", std::string("fi")}}});
  }
  for (const char* user : {"ann", "bob", "eve"}) state.Touch(user, "sauna");
  for (int i = 0; i < 50; ++i) state.Touch("robot", "spam");
  EXPECT_THAT(state.Names(state.Recommend(kPersonal, {.visitor = User("new"), .count = 1})),
              ElementsAre("sauna"));
}

TEST(Ratings, ABadOneTeachesNoLiking) {
  Settings settings;
  settings.event_weights.value_thresholds = {{"Rating", 3.5}};
  TaughtState state(settings);
  for (int i = 0; i < 10; ++i) {
    const std::string user = "user " + std::to_string(i);
    Rate(&state, user, "good", 5);
    Rate(&state, user, "bad", 0.5);
    Rate(&state, user, "fair", 3.5);
  }
  EXPECT_THAT(state.Names(state.Recommend(kSimilar, {.item = "good", .count = 1})),
              ElementsAre("fair"));
  EXPECT_EQ(state.state().PairTable("similar-items")->ItemCount(state.Item("bad")), 0u);
  EXPECT_EQ(state.state().popularity().Users(state.Item("bad")), 0u);
  EXPECT_EQ(state.state().popularity().Demand(state.Item("bad"), state.state().clock_ms()), 0);
}

TEST(Ratings, WhatWasRatedBadlyIsSeenAllTheSame) {
  Settings settings;
  settings.event_weights.value_thresholds = {{"rating", 3.5}};
  TaughtState state(settings);
  for (const char* user : {"ann", "bob"}) Rate(&state, user, "bad", 5);
  Rate(&state, "eve", "bad", 1);
  Rate(&state, "eve", "good", 5);
  Rate(&state, "ann", "new", 5);
  EXPECT_THAT(state.Names(state.Recommend(kUnseen, {.visitor = User("eve"), .count = 5})),
              ElementsAre("new"));
}

TEST(Ratings, WithoutAThresholdEveryValueCounts) {
  const EventWeights weights;
  Event event;
  event.event_type = "rating";
  event.value = 0.5;
  EXPECT_EQ(WeightOf(weights, event), 1u);
}

TEST(Ratings, AnEventWithoutAValueCountsAsItsType) {
  EventWeights weights;
  weights.by_type = {{"rating", 4}};
  weights.value_thresholds = {{"RATING", 3}};
  Event event;
  event.event_type = "rating";
  EXPECT_EQ(WeightOf(weights, event), 4u);
  event.value = 2.9;
  EXPECT_EQ(WeightOf(weights, event), 0u);
  event.value = 3;
  EXPECT_EQ(WeightOf(weights, event), 4u);
}

TEST(EventWeights, ATypeOfNoWeightIsSeenAndTeachesNothing) {
  Settings settings;
  settings.event_weights.by_type.emplace_back("remove_from_cart", 0);
  TaughtState state(settings);
  for (const char* user : {"ann", "bob"}) {
    state.Touch(user, "tea");
    state.Touch(user, "milk", "remove_from_cart");
  }
  EXPECT_EQ(state.state().PairTable("similar-items")->ItemCount(state.Item("milk")), 0u);
  EXPECT_THAT(state.state().PairTable("similar-items")->NeighboursOf(state.Item("tea")).items,
              IsEmpty());
  EXPECT_THAT(state.state().successions().Of(state.Item("tea")).items, IsEmpty());
  EXPECT_EQ(state.state().popularity().Users(state.Item("milk")), 0u);
  const UserId ann = state.state().FindUser(User("ann"));
  EXPECT_TRUE(state.state().users().HistoryOf(ann).Contains(state.Item("milk")));
}

TEST(EventWeights, WhatIsLikedAfterItWasSeenCountsItsUser) {
  Settings settings;
  settings.event_weights.by_type.emplace_back("remove_from_cart", 0);
  TaughtState state(settings);
  state.Touch("ann", "milk", "remove_from_cart");
  state.Touch("ann", "milk", "purchase");
  EXPECT_EQ(state.state().popularity().Users(state.Item("milk")), 1u);
  EXPECT_NEAR(state.state().popularity().Demand(state.Item("milk"), state.state().clock_ms()), 5,
              1e-6);
}

}  // namespace
}  // namespace freshet::core
