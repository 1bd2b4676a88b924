// What each recipe proposes, and in which order.
#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/recipes/campaign.h"
#include "core/recipes/recent_items.h"
#include "tests/unit/core/taught_state.h"

namespace freshet::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const CampaignSettings kSimilar{.name = "similar", .recipe = RecipeKind::kSimilarItems};
// By co-occurrence alone: what the mix makes of it all is blend_test's and learner_test's matter.
const CampaignSettings kPersonal = [] {
  CampaignSettings settings{
      .name = "personal", .recipe = RecipeKind::kUserPersonalization, .leave_out = LeaveOut::kSeen};
  settings.weights.emplace().fill(0);
  (*settings.weights)[static_cast<std::size_t>(BlendInput::kCooccurrence)] = 1;
  return settings;
}();
const CampaignSettings kRanking{.name = "ranking", .recipe = RecipeKind::kPersonalizedRanking};
const CampaignSettings kUsers{.name = "users", .recipe = RecipeKind::kPopularityCount};
const CampaignSettings kTrending{.name = "trending", .recipe = RecipeKind::kTrendingNow};

float Value(const AnswerItem& item, Feature feature) {
  return item.features[static_cast<std::size_t>(feature)];
}

// Three users saw a and b together, one saw a and c, two saw c alone.
TaughtState ThreeItems(Settings settings = {}) {
  TaughtState state(std::move(settings));
  for (const char* user : {"u1", "u2", "u3"}) state.TouchAll(user, {"a", "b"});
  state.TouchAll("u4", {"a", "c"});
  state.Touch("u5", "c");
  state.Touch("u6", "c");
  return state;
}

TEST(SimilarItems, OrdersNeighboursByTheMeasure) {
  TaughtState state = ThreeItems();
  const auto& answer = state.Recommend(kSimilar, {.item = "a"});
  ASSERT_THAT(state.Names(answer), ElementsAre("b", "c"));
  EXPECT_NEAR(answer[0].score, 3 / std::sqrt(4.0 * 3.0), 1e-6);
  EXPECT_NEAR(answer[1].score, 1 / std::sqrt(4.0 * 3.0), 1e-6);
  EXPECT_FLOAT_EQ(Value(answer[0], Feature::kCooccurrence), static_cast<float>(answer[0].score));
}

TEST(SimilarItems, ShowsNoScoreAsPersonalizeShowsNone) {
  TaughtState state = ThreeItems();
  for (const AnswerItem& item : state.Recommend(kSimilar, {.item = "a"})) {
    EXPECT_FALSE(item.has_score);
    EXPECT_EQ(item.reason, Reason::kNone);
  }
}

TEST(SimilarItems, EveryMeasureIsTheOneOfTheTable) {
  TaughtState state = ThreeItems();
  const Cooccurrence& table = *state.state().PairTable("similar-items");
  const auto population = static_cast<double>(table.BasketCount());
  for (const Measure measure :
       {Measure::kJaccard, Measure::kCosine, Measure::kLift, Measure::kConfidence}) {
    CampaignSettings settings = kSimilar;
    settings.measure = measure;
    const auto& answer = state.Recommend(settings, {.item = "a"});
    ASSERT_THAT(state.Names(answer), ElementsAre("b", "c")) << MeasureName(measure);
    EXPECT_NEAR(answer[0].score, Similarity(measure, {3, 4, 3, population}), 1e-6);
    EXPECT_NEAR(answer[1].score, Similarity(measure, {1, 4, 3, population}), 1e-6);
  }
}

TEST(SimilarItems, ByLogLikelihoodLeavesOutWhatIsRarerThanChance) {
  TaughtState state = ThreeItems();
  CampaignSettings settings = kSimilar;
  settings.measure = Measure::kLogLikelihood;
  const auto& answer = state.Recommend(settings, {.item = "a"});
  ASSERT_THAT(state.Names(answer), ElementsAre("b", "c"));
  EXPECT_NEAR(answer[0].score, Similarity(Measure::kLogLikelihood, {3, 4, 3, 6}), 1e-6);
  // 1 * 6 < 4 * 3: c only fills up.
  EXPECT_EQ(answer[1].reason, Reason::kPopular);
}

TEST(SimilarItems, PairsBelowTheMinimumCountDoNotCount) {
  TaughtState state = ThreeItems();
  CampaignSettings settings = kSimilar;
  settings.minimum_count = 2;
  const auto& answer = state.Recommend(settings, {.item = "a"});
  ASSERT_THAT(state.Names(answer), ElementsAre("b", "c"));
  EXPECT_EQ(answer[0].reason, Reason::kNone);
  EXPECT_EQ(answer[1].reason, Reason::kPopular);
}

TEST(SimilarItems, InheritedCountsDoNotCount) {
  Settings settings;
  settings.pair_tables[0].maximum_neighbours = 1;
  TaughtState state(settings);
  for (const char* user : {"u1", "u2", "u3"}) state.TouchAll(user, {"a", "b"});
  state.TouchAll("u4", {"a", "c"});
  // c inherited b's count of three as its error: only one is certain.
  const auto& answer = state.Recommend(kSimilar, {.item = "a", .count = 1});
  ASSERT_THAT(state.Names(answer), ElementsAre("c"));
  EXPECT_NEAR(answer[0].score, 1 / std::sqrt(4.0 * 1.0), 1e-6);
}

TEST(SimilarItems, PopularityDiscountDividesByThePowerOfTheCount) {
  TaughtState state;
  // x goes with the popular p twice and with the rare r once.
  state.TouchAll("u1", {"x", "p"});
  state.TouchAll("u2", {"x", "p"});
  state.TouchAll("u3", {"x", "r"});
  for (const char* user : {"v1", "v2", "v3", "v4", "v5", "v6"}) state.Touch(user, "p");
  CampaignSettings settings = kSimilar;
  settings.measure = Measure::kConfidence;
  EXPECT_THAT(state.Names(state.Recommend(settings, {.item = "x"})), ElementsAre("p", "r"));
  settings.popularity_discount = 0.5;
  const auto& answer = state.Recommend(settings, {.item = "x"});
  ASSERT_THAT(state.Names(answer), ElementsAre("r", "p"));
  EXPECT_NEAR(answer[0].score, 1.0 / 3, 1e-6);
  EXPECT_NEAR(answer[1].score, 2.0 / 3 / std::sqrt(8.0), 1e-6);
}

TEST(SimilarItems, PopularityDiscountIsTheSameBeyondTheCountsItKeeps) {
  // 1025 purchases weigh 5 each: a count of 5125, beyond any table of small counts.
  TaughtState state;
  state.Touch("u", "x", "purchase");
  state.Touch("u", "p", "purchase");
  for (int i = 0; i < 1024; ++i) state.Touch("v" + std::to_string(i), "p", "purchase");
  CampaignSettings settings = kSimilar;
  settings.measure = Measure::kConfidence;
  settings.popularity_discount = 0.3;
  const auto& answer = state.Recommend(settings, {.item = "x"});
  ASSERT_THAT(state.Names(answer), ElementsAre("p"));
  EXPECT_NEAR(answer[0].score, std::pow(5125.0, -0.3), 1e-6);
}

TEST(SimilarItems, UnknownItemIsAnsweredWithWhatIsPopular) {
  TaughtState state = ThreeItems();
  const auto& answer = state.Recommend(kSimilar, {.item = "nobody knows"});
  EXPECT_THAT(state.Names(answer), testing::UnorderedElementsAre("a", "b", "c"));
  for (const AnswerItem& item : answer) EXPECT_EQ(item.reason, Reason::kPopular);
}

TEST(SimilarItems, BoughtTogetherCountsPurchasesOfOneSession) {
  TaughtState state;
  CampaignSettings settings = kSimilar;
  settings.pair_table = "bought-together";
  state.Touch("u", "bread", "purchase", "s1");
  state.Touch("u", "butter", "PURCHASE", "s1");
  state.Touch("u", "cheese", "view", "s1");
  state.Touch("u", "shoes", "purchase", "s2");
  const auto& answer = state.Recommend(settings, {.item = "bread"});
  ASSERT_EQ(answer.size(), 3U);
  EXPECT_EQ(state.Name(answer[0]), "butter");
  EXPECT_EQ(answer[0].reason, Reason::kNone);
  EXPECT_EQ(answer[1].reason, Reason::kPopular);
}

TEST(SimilarItems, MissingTableIsAnsweredWithWhatIsPopular) {
  TaughtState state = ThreeItems();
  CampaignSettings settings = kSimilar;
  settings.pair_table = "no such table";
  const auto& answer = state.Recommend(settings, {.item = "a"});
  ASSERT_EQ(answer.size(), 2U);
  EXPECT_EQ(answer[0].reason, Reason::kPopular);
}

TEST(UserPersonalization, SumsOverRecentItemsAndNamesTheStrongestArgument) {
  TaughtState state;
  state.TouchAll("u1", {"a", "x"});
  state.TouchAll("u2", {"b", "x"});
  state.TouchAll("u3", {"b", "x"});
  state.TouchAll("u4", {"a", "y"});
  state.TouchAll("me", {"a", "b"});
  const auto& answer = state.Recommend(kPersonal, {.visitor = User("me")});
  ASSERT_THAT(state.Names(answer), ElementsAre("x", "y"));
  // b is the newest. Counts: a 3, b 3, x 3, y 1.
  const double x = 2 / std::sqrt(9.0) + RecencyWeight(1) * 1 / std::sqrt(9.0);
  const double y = RecencyWeight(1) * 1 / std::sqrt(3.0);
  EXPECT_NEAR(Value(answer[0], Feature::kCooccurrence), x, 1e-6);
  EXPECT_NEAR(answer[0].score, x / (x + y), 1e-3);
  EXPECT_NEAR(answer[1].score, y / (x + y), 1e-3);
  EXPECT_EQ(answer[0].because, state.Item("b"));
  EXPECT_EQ(answer[1].because, state.Item("a"));
}

TEST(UserPersonalization, ScoresAreSharesOfAllCandidatesNotOnlyOfTheShown) {
  TaughtState state;
  state.TouchAll("u1", {"a", "x", "y", "z"});
  state.Touch("me", "a");
  double all = 0;
  for (const AnswerItem& item : state.Recommend(kPersonal, {.visitor = User("me")})) {
    EXPECT_TRUE(item.has_score);
    all += item.score;
  }
  EXPECT_NEAR(all, 1.0, 1e-9);
  const auto& one = state.Recommend(kPersonal, {.visitor = User("me"), .count = 1});
  ASSERT_EQ(one.size(), 1U);
  EXPECT_NEAR(one[0].score, 1.0 / 3, 1e-6);
}

TEST(UserPersonalization, NewerItemsArgueMore) {
  TaughtState state;
  state.TouchAll("u1", {"a", "x"});
  state.TouchAll("u2", {"b", "y"});
  state.TouchAll("me", {"a", "b"});
  EXPECT_THAT(state.Names(state.Recommend(kPersonal, {.visitor = User("me")})),
              ElementsAre("y", "x"));
  state.Touch("me", "a");
  EXPECT_THAT(state.Names(state.Recommend(kPersonal, {.visitor = User("me")})),
              ElementsAre("x", "y"));
}

TEST(UserPersonalization, OneEventChangesTheVeryNextAnswer) {
  TaughtState state = ThreeItems();
  const Query query{.visitor = User("new"), .count = 1};
  EXPECT_EQ(state.Recommend(kPersonal, query)[0].reason, Reason::kPopular);
  state.Touch("new", "b");
  const auto& answer = state.Recommend(kPersonal, query);
  EXPECT_THAT(state.Names(answer), ElementsAre("a"));
  EXPECT_EQ(answer[0].reason, Reason::kNone);
  EXPECT_EQ(answer[0].because, state.Item("b"));
}

TEST(UserPersonalization, LeavesOutWhatWasSeenUnlessToldOtherwise) {
  TaughtState state = ThreeItems();
  EXPECT_THAT(state.Names(state.Recommend(kPersonal, {.visitor = User("u1")})), ElementsAre("c"));
  CampaignSettings settings = kPersonal;
  settings.leave_out = LeaveOut::kNone;
  EXPECT_THAT(state.Names(state.Recommend(settings, {.visitor = User("u1")})),
              testing::UnorderedElementsAre("a", "b", "c"));
}

TEST(UserPersonalization, FillsUpWithWhatIsPopularAndSaysSo) {
  TaughtState state = ThreeItems();
  state.TouchAll("u7", {"d", "e"});
  state.Touch("me", "d");
  const auto& answer = state.Recommend(kPersonal, {.visitor = User("me")});
  ASSERT_EQ(answer.size(), 4U);
  EXPECT_EQ(state.Name(answer[0]), "e");
  EXPECT_TRUE(answer[0].has_score);
  for (std::size_t i = 1; i < answer.size(); ++i) {
    EXPECT_EQ(answer[i].reason, Reason::kPopular);
    EXPECT_FALSE(answer[i].has_score);
    EXPECT_GT(Value(answer[i], Feature::kPopularity), 0);
  }
}

TEST(UserPersonalization, WhoHasSeenEverythingGetsWhatIsPopular) {
  TaughtState state;
  state.TouchAll("me", {"a", "b"});
  const auto& answer = state.Recommend(kPersonal, {.visitor = User("me")});
  EXPECT_THAT(state.Names(answer), testing::UnorderedElementsAre("a", "b"));
  EXPECT_EQ(answer[0].reason, Reason::kPopular);
}

TEST(UserPersonalization, KnowsAnAnonymousVisitorBySession) {
  TaughtState state = ThreeItems();
  state.Touch("", "b", "view", "session");
  for (const Visitor& visitor :
       {Session("session"), User("session"), Visitor{.user = "unknown", .session = "session"}}) {
    const auto& answer = state.Recommend(kPersonal, {.visitor = visitor, .count = 1});
    EXPECT_THAT(state.Names(answer), ElementsAre("a"));
  }
}

TEST(UserPersonalization, OnlyTheNewestItemsSpeak) {
  TaughtState state;
  state.TouchAll("u1", {"a", "x"});
  state.TouchAll("u2", {"b", "y"});
  state.TouchAll("me", {"a", "b"});
  CampaignSettings settings = kPersonal;
  settings.recent_items = 1;
  const auto& answer = state.Recommend(settings, {.visitor = User("me")});
  ASSERT_THAT(state.Names(answer), ElementsAre("y", "x"));
  EXPECT_EQ(answer[1].reason, Reason::kPopular);
  settings.recent_items = 0;
  EXPECT_EQ(state.Recommend(settings, {.visitor = User("me")})[0].reason, Reason::kPopular);
}

TEST(RecentItems, AreDistinctLiveAndNewestFirst) {
  TaughtState state;
  state.TouchAll("me", {"a", "b", "c", "a"});
  state.Delete("c");
  const RecentItems recent(state.state(), User("me"), 20);
  EXPECT_THAT(recent.items(), ElementsAre(state.Item("a"), state.Item("b")));
}

TEST(RecentItems, OfAnotherSessionComeBeforeTheHistory) {
  TaughtState state;
  state.TouchAll("me", {"a", "b"});
  state.Touch("", "c", "view", "tab");
  state.Touch("", "b", "view", "tab");
  const RecentItems recent(state.state(), {.user = "me", .session = "tab"}, 20);
  EXPECT_THAT(recent.items(), ElementsAre(state.Item("b"), state.Item("c"), state.Item("a")));
}

TEST(RecentItems, OfAnOldPauseSessionDoNotOvertakeTheHistory) {
  TaughtState state;
  state.Touch("me", "old");
  state.Touch("me", "new", "view", "named session");
  const RecentItems recent(state.state(), User("me"), 20);
  EXPECT_THAT(recent.items(), ElementsAre(state.Item("new"), state.Item("old")));
}

TEST(RecentItems, AreNoMoreThanAsked) {
  TaughtState state;
  state.TouchAll("me", {"a", "b", "c"});
  EXPECT_THAT(RecentItems(state.state(), User("me"), 2).items(),
              ElementsAre(state.Item("c"), state.Item("b")));
  EXPECT_THAT(RecentItems(state.state(), User("me"), 0).items(), IsEmpty());
  EXPECT_THAT(RecentItems(state.state(), User("unknown"), 5).items(), IsEmpty());
}

TEST(PersonalizedRanking, PutsWhatGoesWithTheVisitorFirst) {
  TaughtState state = ThreeItems();
  state.TouchAll("u7", {"d", "e"});
  state.Touch("me", "d");
  const std::vector<std::string> ids = {"b", "c", "e"};
  const auto& answer = state.Rank(kRanking, {.visitor = User("me"), .rank = ids});
  ASSERT_EQ(answer.size(), 3U);
  EXPECT_EQ(state.Name(answer[0]), "e");
  EXPECT_EQ(answer[0].because, state.Item("d"));
  EXPECT_FALSE(answer[1].because.valid());
}

TEST(PersonalizedRanking, StrangersGetTheListByPopularity) {
  TaughtState state = ThreeItems();
  state.Describe("cold", "");
  const std::vector<std::string> ids = {"cold", "b", "a"};
  const auto& answer = state.Rank(kRanking, {.visitor = User("stranger"), .rank = ids});
  EXPECT_THAT(state.Names(answer), ElementsAre("a", "b", "cold"));
  for (const AnswerItem& item : answer) EXPECT_GT(item.score, 0);
}

TEST(PersonalizedRanking, WhatManyHaveUsedStaysAheadWhenAllDemandIsLongAgo) {
  TaughtState state;
  state.Touch("u1", "seldom");
  for (int i = 0; i < 9; ++i) state.Touch("u" + std::to_string(i), "often");
  state.Touch("u1", "rare");
  state.Wait(365LL * 24 * 3600 * 1000);
  state.Touch("u2", "other");
  const std::vector<std::string> ids = {"rare", "seldom", "often"};
  const auto& answer = state.Rank(kRanking, {.visitor = User("stranger"), .rank = ids});
  EXPECT_EQ(state.Name(answer[0]), "often");
  EXPECT_GT(answer[0].score, 1.1 * answer[1].score);
}

TEST(PopularityCount, OrdersByDistinctUsersNotByEvents) {
  TaughtState state;
  for (int i = 0; i < 9; ++i) state.Touch("fan", "often", "purchase");
  state.Touch("u1", "widely");
  state.Touch("u2", "widely");
  const auto& answer = state.Recommend(kUsers, {});
  ASSERT_THAT(state.Names(answer), ElementsAre("widely", "often"));
  EXPECT_EQ(answer[0].score, 2);
  EXPECT_FALSE(answer[0].has_score);
  EXPECT_EQ(Value(answer[0], Feature::kUsers), 2);
}

TEST(PopularityCount, OrdersACategoryByItsUsers) {
  TaughtState state;
  state.Describe("often", "books");
  state.Describe("widely", "books|new");
  state.Describe("other", "games");
  for (int i = 0; i < 9; ++i) state.Touch("fan", "often", "purchase");
  for (const char* user : {"u1", "u2"}) state.TouchAll(user, {"widely", "other"});
  EXPECT_THAT(state.Names(state.Recommend(kUsers, {.category = "books"})),
              ElementsAre("widely", "often"));
}

TEST(TrendingNow, PutsWhatRisesBeforeWhatIsMerelyPopular) {
  TaughtState state;
  for (int day = 0; day < 20; ++day) {
    for (int i = 0; i < 20; ++i) state.Touch("u" + std::to_string(i), "steady");
    state.Wait(24LL * 3600 * 1000);
  }
  for (int i = 0; i < 20; ++i) state.Touch("u" + std::to_string(i), "rising");
  const auto& answer = state.Recommend(kTrending, {});
  ASSERT_THAT(state.Names(answer), ElementsAre("rising", "steady"));
  EXPECT_GT(Value(answer[0], Feature::kTrend), 1);
  EXPECT_LT(Value(answer[1], Feature::kTrend), Value(answer[0], Feature::kTrend));
  EXPECT_FALSE(answer[0].has_score);
}

TEST(TrendingNow, KeepsToTheCategory) {
  TaughtState state;
  state.Describe("a", "books");
  state.Describe("b", "games");
  state.TouchAll("u", {"a", "b"});
  EXPECT_THAT(state.Names(state.Recommend(kTrending, {.category = "games"})), ElementsAre("b"));
}

}  // namespace
}  // namespace freshet::core
