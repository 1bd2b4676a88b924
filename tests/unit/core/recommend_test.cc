// What Recommend and Rank promise whatever the recipe: who may be in an answer, how many, in which
// order.
#include "core/recipes/recommend.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/recipes/campaign.h"
#include "tests/unit/core/taught_state.h"

namespace freshet::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const CampaignSettings kSimilar{.name = "similar", .recipe = RecipeKind::kSimilarItems};
const CampaignSettings kPersonal{
    .name = "personal", .recipe = RecipeKind::kUserPersonalization, .leave_out = LeaveOut::kSeen};
const CampaignSettings kRanking{.name = "ranking", .recipe = RecipeKind::kPersonalizedRanking};

std::string Id(const char* prefix, std::size_t number) { return prefix + std::to_string(number); }

// A few hundred items in three categories with users who touch them at random, some items deleted,
// some only described.
TaughtState Shop(std::uint64_t seed) {
  Settings settings;
  settings.popular_items = 20;  // so that long answers must go beyond the lists
  settings.popular_items_per_category = 5;
  TaughtState state(settings);
  std::mt19937_64 random(seed);
  const char* categories[] = {"books", "games", "books|games", "tools", ""};
  for (std::size_t i = 0; i < 150; ++i) state.Describe(Id("i", i), categories[random() % 5]);
  for (int i = 0; i < 2000; ++i) {
    state.Touch(Id("u", random() % 40), Id("i", std::min(random() % 200, random() % 200)),
                random() % 4 == 0 ? "purchase" : "view");
  }
  for (int i = 0; i < 30; ++i) state.Delete(Id("i", random() % 200));
  return state;
}

bool HasCategory(const TaughtState& state, ItemId item, std::string_view category) {
  const Catalog& catalog = state.state().catalog();
  const auto categories = catalog.Categories(item);
  return category.empty() || std::find(categories.begin(), categories.end(),
                                       catalog.FindCategory(category)) != categories.end();
}

std::set<std::string> Eligible(const TaughtState& state, const Query& query, bool without_seen) {
  const Catalog& catalog = state.state().catalog();
  std::set<std::string> names;
  for (std::uint32_t slot = 0; slot < catalog.slot_count(); ++slot) {
    const ItemId item{slot};
    if (!catalog.IsLive(item) || catalog.Name(item) == query.item) continue;
    if (HasCategory(state, item, query.category)) names.emplace(catalog.Name(item));
  }
  const UserId user = state.state().FindUser(query.visitor);
  if (without_seen && user.valid()) {
    for (const auto& entry : state.state().users().HistoryOf(user).entries()) {
      if (catalog.IsLive(entry.item)) names.erase(std::string(catalog.Name(entry.item)));
    }
  }
  return names;
}

// The newest live item of the visitor's session: where the visitor is.
std::string CurrentItem(const TaughtState& state, const Query& query) {
  const SessionId session = state.state().FindSession(query.visitor);
  if (!session.valid()) return {};
  const auto items = state.state().sessions().Items(session);
  for (auto item = items.rbegin(); item != items.rend(); ++item) {
    if (state.state().catalog().IsLive(*item))
      return std::string(state.state().catalog().Name(*item));
  }
  return {};
}

class RecommendByEveryRecipe : public testing::TestWithParam<CampaignSettings> {};

TEST_P(RecommendByEveryRecipe, AnswersExactlyTheItemsThatMayBeShown) {
  const bool by_visitor = GetParam().recipe == RecipeKind::kUserPersonalization ||
                          GetParam().recipe == RecipeKind::kSession ||
                          GetParam().recipe == RecipeKind::kFactors;
  const bool without_seen = by_visitor && GetParam().leave_out == LeaveOut::kSeen;
  const bool without_current = by_visitor && GetParam().leave_out == LeaveOut::kCurrent;
  const bool asks_about_item = GetParam().recipe == RecipeKind::kSimilarItems;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    TaughtState state = Shop(seed);
    for (const char* category : {"", "books", "tools"}) {
      for (const std::size_t count : {std::size_t{1}, std::size_t{25}, std::size_t{500}}) {
        const std::string user = Id("u", seed);
        const std::string item = Id("i", seed * 7);
        const Query query{.visitor = User(user),
                          .item = asks_about_item ? std::string_view(item) : std::string_view(),
                          .category = category,
                          .count = count};
        auto eligible = Eligible(state, query, without_seen);
        if (without_current) eligible.erase(CurrentItem(state, query));
        const auto names = state.Names(state.Recommend(GetParam(), query));
        EXPECT_EQ(names.size(), std::min(count, eligible.size()));
        EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
        for (const std::string& name : names) EXPECT_EQ(eligible.count(name), 1U) << name;
      }
    }
  }
}

TEST_P(RecommendByEveryRecipe, ScoresFallAndFillingComesLast) {
  TaughtState state = Shop(11);
  const auto& answer =
      state.Recommend(GetParam(), {.visitor = User("u1"), .item = "i1", .count = 500});
  for (std::size_t i = 1; i < answer.size(); ++i) {
    if (answer[i].reason == Reason::kPopular) {
      EXPECT_EQ(answer[i].score, 0);
      EXPECT_FALSE(answer[i].has_score);
      continue;
    }
    EXPECT_EQ(answer[i - 1].reason, Reason::kNone);
    EXPECT_GE(answer[i - 1].score, answer[i].score);
    if (answer[i - 1].score == answer[i].score) {
      EXPECT_LT(answer[i - 1].item, answer[i].item);
    }
  }
}

TEST_P(RecommendByEveryRecipe, ShorterAnswersAreTheStartOfLongerOnes) {
  TaughtState state = Shop(12);
  CampaignSettings settings = GetParam();
  settings.exploration_weight = 0;  // what is explored stands in for the last ones
  Query query{.visitor = User("u2"), .item = "i2", .count = 500};
  const auto longest = state.Names(state.Recommend(settings, query));
  for (query.count = 1; query.count <= 60; query.count += 7) {
    const auto names = state.Names(state.Recommend(settings, query));
    EXPECT_TRUE(std::equal(names.begin(), names.end(), longest.begin())) << query.count;
  }
}

TEST_P(RecommendByEveryRecipe, CountOfZeroIsAnEmptyAnswer) {
  TaughtState state = Shop(1);
  EXPECT_THAT(state.Recommend(GetParam(), {.visitor = User("u1"), .item = "i1", .count = 0}),
              IsEmpty());
}

TEST_P(RecommendByEveryRecipe, UnknownCategoryIsAnEmptyAnswer) {
  TaughtState state = Shop(1);
  EXPECT_THAT(
      state.Recommend(GetParam(), {.visitor = User("u1"), .item = "i1", .category = "cars"}),
      IsEmpty());
}

TEST_P(RecommendByEveryRecipe, EmptyCatalogueIsAnEmptyAnswer) {
  TaughtState state;
  EXPECT_THAT(state.Recommend(GetParam(), {.visitor = User("u"), .item = "i"}), IsEmpty());
}

TEST_P(RecommendByEveryRecipe, DescribedItemsWithoutEventsFillUpNewestFirst) {
  TaughtState state;
  state.Describe("older", "");
  state.Describe("newer", "");
  EXPECT_THAT(state.Names(state.Recommend(GetParam(), {.visitor = User("u"), .item = "i"})),
              ElementsAre("newer", "older"));
}

TEST_P(RecommendByEveryRecipe, DeletedItemIsGoneFromTheVeryNextAnswer) {
  TaughtState state = Shop(3);
  const Query query{.visitor = User("u3"), .item = "i3", .count = 9};
  for (int i = 0; i < 20; ++i) {
    const std::string best = state.Name(state.Recommend(GetParam(), query).front());
    state.Delete(best);
    EXPECT_THAT(state.Names(state.Recommend(GetParam(), query)),
                testing::Not(testing::Contains(best)));
  }
}

TEST_P(RecommendByEveryRecipe, ScratchOfAnotherQueryLeavesNoTrace) {
  const Campaign campaign(GetParam());
  const TaughtState big = Shop(4);
  const TaughtState small = Shop(5);
  const Query query{.visitor = User("u4"), .item = "i4"};
  QueryScratch fresh;
  Recommend(small.state(), campaign.recipe(), query, &fresh);
  QueryScratch used;
  for (std::size_t i = 0; i < 40; ++i) {
    const std::string user = Id("u", i);
    Recommend(big.state(), campaign.recipe(), {.visitor = User(user), .item = "i5"}, &used);
  }
  Recommend(small.state(), campaign.recipe(), query, &used);
  EXPECT_EQ(small.Names(used.answer), small.Names(fresh.answer));
}

INSTANTIATE_TEST_SUITE_P(, RecommendByEveryRecipe, testing::ValuesIn(DefaultCampaigns()),
                         [](const auto& instance) {
                           std::string name = instance.param.name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Recommend, TiesGoToTheOlderItem) {
  TaughtState state;
  state.TouchAll("u", {"anchor", "z", "y", "x"});
  EXPECT_THAT(state.Names(state.Recommend(kSimilar, {.item = "anchor", .count = 2})),
              ElementsAre("z", "y"));
}

TEST(Recommend, RestrictsCandidatesToTheCategoryBeforeItCountsShares) {
  TaughtState state;
  state.Describe("x", "books");
  state.Describe("y", "games");
  state.TouchAll("u", {"anchor", "x", "y"});
  state.Touch("me", "anchor");
  const auto& answer =
      state.Recommend(kPersonal, {.visitor = User("me"), .category = "books", .count = 1});
  ASSERT_THAT(state.Names(answer), ElementsAre("x"));
  EXPECT_DOUBLE_EQ(answer[0].score, 1.0);
}

TEST(Recommend, OnlyItemOfTheCatalogueIsNotSimilarToItself) {
  TaughtState state;
  state.Touch("u", "only");
  EXPECT_THAT(state.Recommend(kSimilar, {.item = "only"}), IsEmpty());
}

TEST(Recommend, BestCandidatesAreTheStartOfAFullSort) {
  std::mt19937_64 random(5);
  BestCandidates best;
  for (int round = 0; round < 300; ++round) {
    std::vector<Candidate> all(random() % 400);
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      all[i].item = ItemId{i};
      all[i].score = static_cast<double>(random() % 50);
    }
    std::shuffle(all.begin(), all.end(), random);
    const std::size_t count = 1 + random() % 60;
    best.Reset(count);
    for (const Candidate& candidate : all) best.Offer(candidate);
    std::vector<std::pair<double, std::uint32_t>> expected;
    for (const Candidate& candidate : all) {
      expected.emplace_back(-candidate.score, candidate.item.value);
    }
    std::sort(expected.begin(), expected.end());
    expected.resize(std::min(expected.size(), count));
    std::vector<std::pair<double, std::uint32_t>> chosen;
    for (const auto& [score, candidate] : best.Take()) {
      chosen.emplace_back(-score, candidate->item.value);
    }
    ASSERT_EQ(chosen, expected) << "round " << round;
  }
}

TEST(Candidates, ExcludingACandidateTakesItOut) {
  Candidates candidates;
  candidates.Reset(5);
  for (std::uint32_t slot : {0U, 1U, 2U}) {
    candidates.Add(ItemId{slot}, Feature::kUsers, static_cast<float>(slot));
  }
  candidates.Exclude(ItemId{0});
  candidates.Add(ItemId{0}, Feature::kUsers, 1);
  EXPECT_THAT(candidates.all(), SizeIs(2));
  EXPECT_EQ(candidates.Find(ItemId{0}), nullptr);
  EXPECT_TRUE(candidates.IsExcluded(ItemId{0}));
  ASSERT_NE(candidates.Find(ItemId{2}), nullptr);
  EXPECT_EQ(candidates.Find(ItemId{2})->Value(Feature::kUsers), 2);
  candidates.Reset(5);
  EXPECT_THAT(candidates.all(), IsEmpty());
  EXPECT_FALSE(candidates.IsExcluded(ItemId{0}));
}

TEST(Rank, HoldsEveryIdOnceKnownOnesFirst) {
  TaughtState state;
  state.TouchAll("u", {"a", "b", "gone"});
  state.Touch("v", "a");
  state.Delete("gone");
  const std::vector<std::string> ids = {"x", "b", "gone", "a", "b", "x", "never"};
  const auto& answer = state.Rank(kRanking, {.visitor = User("me"), .rank = ids});
  ASSERT_THAT(state.Names(answer), ElementsAre("a", "b", "x", "gone", "never"));
  EXPECT_TRUE(answer[1].has_score);
  EXPECT_NEAR(answer[0].score + answer[1].score, 1.0, 1e-9);
  for (std::size_t i = 2; i < answer.size(); ++i) {
    EXPECT_FALSE(answer[i].item.valid());
    EXPECT_FALSE(answer[i].has_score);
    EXPECT_EQ(answer[i].reason, Reason::kNone);
  }
}

TEST(Rank, OfNothingOrOfStrangersOnlyIsStillAnAnswer) {
  TaughtState state;
  const std::vector<std::string> ids = {"b", "a"};
  EXPECT_THAT(state.Rank(kRanking, {}), IsEmpty());
  EXPECT_THAT(state.Names(state.Rank(kRanking, {.rank = ids})), ElementsAre("b", "a"));
}

TEST(Rank, ByARecipeThatLeavesOutWhatWasSeenStillHoldsEveryId) {
  TaughtState state;
  state.TouchAll("u", {"a", "b", "c"});
  state.Touch("me", "a");
  const std::vector<std::string> ids = {"a", "b"};
  const auto& answer = state.Rank(kPersonal, {.visitor = User("me"), .rank = ids});
  EXPECT_THAT(state.Names(answer), ElementsAre("b", "a"));
  EXPECT_EQ(answer[1].score, 0);
}

TEST(Rank, ScoresOfAllKnownIdsSumToOne) {
  TaughtState state = Shop(8);
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < 250; ++i) ids.push_back(Id("i", i));
  double total = 0;
  const auto& answer = state.Rank(kRanking, {.visitor = User("u3"), .rank = ids});
  EXPECT_THAT(answer, SizeIs(250));
  for (const AnswerItem& item : answer) {
    EXPECT_EQ(item.has_score, item.item.valid());
    if (item.item.valid()) {
      EXPECT_GT(item.score, 0);
    }
    total += item.score;
  }
  EXPECT_NEAR(total, 1.0, 1e-9);
}

}  // namespace
}  // namespace freshet::core
