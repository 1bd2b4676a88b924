// What a generation of factors adds to the recipes that do without one as well.
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/factors/fold_in.h"
#include "core/factors/inner_product.h"
#include "tests/unit/core/served_sample.h"
#include "tests/unit/core/taught_state.h"

namespace freshet::core {
namespace {

constexpr std::size_t kItems = 60;
constexpr std::size_t kTouched = 30;  // by ann, the first ones
constexpr std::size_t kNamed = 38;    // those and the ones that are numbered next to the newest
constexpr double kWeight = 0.7;

std::string ItemName(std::size_t row) { return "i" + std::to_string(row); }

std::size_t RowOf(const std::string& name) { return std::stoul(name.substr(1)); }

double FeatureOf(const AnswerItem& item, Feature feature) {
  return static_cast<double>(item.features[static_cast<std::size_t>(feature)]);
}

CampaignSettings Personal(double factors_weight = kWeight) {
  return {.name = "personal",
          .leave_out = LeaveOut::kNone,
          .factors_weight = factors_weight,
          .exploration_weight = 0};
}

// Ann touched the first half of the items; of the others nobody touched two.
class FactorsInRecipesTest : public ::testing::Test {
 protected:
  FactorsInRecipesTest() : factors_(ServedSample(kItems)) {
    for (std::size_t row = 0; row < kItems; ++row) {
      state_.Touch("user of " + ItemName(row), ItemName(row));
    }
    for (std::size_t row = 0; row < kTouched; ++row) state_.Touch("ann", ItemName(row));
  }

  std::vector<AnswerItem> Ask(const CampaignSettings& settings, Query query) {
    if (query.visitor.user.empty()) query.visitor = User("ann");
    return state_.Recommend(settings, query);
  }

  // The inner product of the item with the vector folded in from these.
  [[nodiscard]] double Product(std::span<const std::size_t> from, std::size_t row) const {
    const FactorMatrix& vectors = factors_->products().vectors;
    std::vector<FoldInPair> pairs;
    for (const std::size_t known : from) pairs.push_back({vectors.Row(known).data(), 1});
    FoldInScratch scratch(kSampleDimension);
    std::vector<float> user(kSampleDimension);
    factors_->user_fold_in().Solve(pairs, &scratch, user);
    return static_cast<double>(InnerProduct(user, vectors.Row(row)));
  }
  [[nodiscard]] double Cosine(std::size_t a, std::size_t b) const {
    const FactorMatrix& vectors = factors_->products().vectors;
    return static_cast<double>(InnerProduct(vectors.Row(a), vectors.Row(b)) /
                               (Norm(vectors.Row(a)) * Norm(vectors.Row(b))));
  }

  std::unique_ptr<const ServedFactors> factors_;
  TaughtState state_;
};

constexpr std::size_t kNewest[] = {20, 21, 22, 23, 24, 25, 26, 27, 28, 29};

TEST_F(FactorsInRecipesTest, PersonalizationRetrievesWhatNothingElseNames) {
  std::size_t retrieved = 0;
  for (const AnswerItem& item : Ask(Personal(), {.count = kItems, .factors = factors_.get()})) {
    const std::size_t row = RowOf(state_.Name(item));
    if (row < kNamed || item.reason == Reason::kPopular) continue;
    ++retrieved;
    EXPECT_GE(FeatureOf(item, Feature::kRetrieved), 1);
    EXPECT_NEAR(FeatureOf(item, Feature::kFactors), Product(kNewest, row), 1e-5);
    ASSERT_TRUE(item.because.valid()) << "one of those that ann was folded in from";
    EXPECT_GE(RowOf(std::string(state_.state().catalog().Name(item.because))), kNewest[0]);
  }
  EXPECT_GT(retrieved, 5U);
  for (const AnswerItem& item : Ask(Personal(), {.count = kItems})) {
    if (RowOf(state_.Name(item)) < kNamed) continue;
    EXPECT_EQ(item.reason, Reason::kPopular) << state_.Name(item);
  }
}

TEST_F(FactorsInRecipesTest, AScoreIsMultipliedByAPowerOfWhatTheFactorsSay) {
  const auto expect = [&](const std::string& user, double trust) {
    std::map<std::string, double> without;
    for (const AnswerItem& item : Ask(Personal(), {.visitor = User(user), .count = kItems})) {
      if (item.reason == Reason::kNone) without[state_.Name(item)] = std::log(item.score);
    }
    std::vector<double> rest;
    double greatest_term = 0;
    for (const AnswerItem& item :
         Ask(Personal(), {.visitor = User(user), .count = kItems, .factors = factors_.get()})) {
      const auto met = without.find(state_.Name(item));
      if (met == without.end()) continue;
      const double product = std::max(FeatureOf(item, Feature::kFactors), 0.0);
      const double term = trust * kWeight * std::log(1 + 10 * product);
      greatest_term = std::max(greatest_term, term);
      rest.push_back(std::log(item.score) - met->second - term);
    }
    ASSERT_GT(rest.size(), 5U) << user;
    EXPECT_GT(greatest_term, 0) << user;
    for (const double each : rest) EXPECT_NEAR(each, rest.front(), 1e-4) << user;
  };
  expect("ann", 1);
  for (std::size_t row = 3; row < 21; ++row) state_.Touch("bob", ItemName(row));
  expect("bob", 0.36);  // the square of 18 items of 30
}

TEST_F(FactorsInRecipesTest, OfAVisitorOfFewItemsTheySayNothing) {
  for (std::size_t row = 0; row < 14; ++row) state_.Touch("carl", ItemName(row));
  const auto ask = [&](const ServedFactors* factors) {
    return Ask(Personal(), {.visitor = User("carl"), .count = 20, .factors = factors});
  };
  EXPECT_EQ(state_.Names(ask(factors_.get())), state_.Names(ask(nullptr)));
  for (const AnswerItem& item : ask(factors_.get())) {
    EXPECT_EQ(FeatureOf(item, Feature::kFactors), 0);
  }
}

TEST_F(FactorsInRecipesTest, WhatTheVisitorWasFoldedInFromFitsInAnyCaseAndGetsNothingForIt) {
  std::size_t met = 0;
  for (const AnswerItem& item : Ask(Personal(), {.count = kItems, .factors = factors_.get()})) {
    const std::size_t row = RowOf(state_.Name(item));
    if (row >= kTouched) continue;
    ++met;
    const double product = row < kNewest[0] ? Product(kNewest, row) : 0;
    EXPECT_NEAR(FeatureOf(item, Feature::kFactors), product, 1e-5) << row;
  }
  EXPECT_EQ(met, kTouched);
}

TEST_F(FactorsInRecipesTest, WithoutWeightAGenerationChangesNothing) {
  for (const RecipeKind kind :
       {RecipeKind::kUserPersonalization, RecipeKind::kSimilarItems, RecipeKind::kSession}) {
    CampaignSettings settings = Personal(0);
    settings.recipe = kind;
    ASSERT_FALSE(UsesFactors(settings));
    const auto without = Ask(settings, {.item = "i3", .count = 20});
    const auto with = Ask(settings, {.item = "i3", .count = 20, .factors = factors_.get()});
    ASSERT_EQ(state_.Names(with), state_.Names(without));
    for (std::size_t i = 0; i < with.size(); ++i) EXPECT_EQ(with[i].score, without[i].score);
  }
}

TEST_F(FactorsInRecipesTest, ARankedListIsInTheOrderOfWhatTheFactorsSay) {
  CampaignSettings settings{
      .name = "ranking", .recipe = RecipeKind::kPersonalizedRanking, .factors_weight = 10};
  std::vector<std::pair<double, std::string>> expected;
  std::vector<std::string> ids;
  for (std::size_t row = kTouched; row < kItems; ++row) {
    ids.push_back(ItemName(row));
    // Below zero all are alike.
    if (Product(kNewest, row) > 0.01) expected.emplace_back(-Product(kNewest, row), ids.back());
  }
  ASSERT_GT(expected.size(), 5U);
  std::sort(expected.begin(), expected.end());
  const auto ranked = [&](const ServedFactors* factors) {
    return state_.Names(
        state_.Rank(settings, {.visitor = User("ann"), .rank = ids, .factors = factors}));
  };
  const std::vector<std::string> names = ranked(factors_.get());
  for (std::size_t place = 0; place < expected.size(); ++place) {
    EXPECT_EQ(names[place], expected[place].second) << place;
  }
  const std::vector<std::string> without = ranked(nullptr);
  settings.factors_weight = 0;
  EXPECT_EQ(ranked(factors_.get()), without);
}

TEST_F(FactorsInRecipesTest, ItemsAreSimilarByTheCosineOfTheirVectors) {
  const CampaignSettings settings{
      .name = "alike", .recipe = RecipeKind::kSimilarItems, .measure = Measure::kFactors};
  ASSERT_TRUE(UsesFactors(settings));
  std::vector<std::pair<double, std::string>> expected;
  for (std::size_t row = 0; row < kItems; ++row) {
    if (row != 45) expected.emplace_back(-Cosine(45, row), ItemName(row));
  }
  std::sort(expected.begin(), expected.end());
  state_.Delete(expected[1].second);
  expected.erase(expected.begin() + 1);
  const auto answer = Ask(settings, {.item = "i45", .count = 10, .factors = factors_.get()});
  ASSERT_EQ(answer.size(), 10U);
  for (std::size_t place = 0; place < answer.size(); ++place) {
    EXPECT_EQ(state_.Name(answer[place]), expected[place].second) << place;
    EXPECT_NEAR(answer[place].score, -expected[place].first, 1e-5);
    EXPECT_NEAR(FeatureOf(answer[place], Feature::kFactors), -expected[place].first, 1e-5);
  }
}

TEST_F(FactorsInRecipesTest, SimilarItemsByFactorsFallBackToMetadataAndWhatIsPopular) {
  const CampaignSettings settings{
      .name = "alike", .recipe = RecipeKind::kSimilarItems, .measure = Measure::kFactors};
  state_.Describe("i45", "lamps");
  state_.Describe("i7", "lamps");
  state_.Describe("never trained with", "lamps");
  const auto expect = [&](const std::string& item, const ServedFactors* factors) {
    const auto answer = Ask(settings, {.item = item, .count = 5, .factors = factors});
    ASSERT_EQ(answer.size(), 5U);
    EXPECT_GT(FeatureOf(answer[0], Feature::kContent), 0) << item;
    EXPECT_EQ(answer[4].reason, Reason::kPopular) << item;
  };
  expect("i45", nullptr);
  expect("never trained with", factors_.get());
}

TEST(FactorsInRecipes, AnAnswerIsFullThoughMostOfTheGenerationIsGone) {
  constexpr std::size_t kTrained = 20'000;
  constexpr std::size_t kLeft = 40;
  const auto factors = ServedSample(kTrained);
  TaughtState state;
  for (std::size_t i = 0; i < kLeft; ++i) state.Touch("bob", ItemName(i * 500));
  state.Touch("ann", ItemName(0));
  for (const RecipeKind kind : {RecipeKind::kFactors, RecipeKind::kSimilarItems}) {
    const CampaignSettings settings{
        .name = "left", .recipe = kind, .measure = Measure::kFactors, .leave_out = LeaveOut::kSeen};
    auto names = state.Names(state.Recommend(settings, {.visitor = User("ann"),
                                                        .item = ItemName(0),
                                                        .count = kLeft - 1,
                                                        .factors = factors.get()}));
    std::sort(names.begin(), names.end());
    EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
    EXPECT_EQ(names.size(), kLeft - 1);
  }
}

TEST(FactorsInRecipes, AnItemThatComesBackIsTheSameRow) {
  const auto factors = ServedSample(20);
  TaughtState state;
  for (std::size_t row = 0; row < 20; ++row) state.Touch("bob", ItemName(row));
  state.Touch("ann", "i3");
  const CampaignSettings settings{.name = "factors", .recipe = RecipeKind::kFactors};
  const Query query{.visitor = User("ann"), .count = 6, .factors = factors.get()};
  const auto before = state.Names(state.Recommend(settings, query));
  state.Delete(before[0]);
  EXPECT_EQ(state.Names(state.Recommend(settings, query))[0], before[1]);
  // An event alone does not bring it back.
  state.Touch("bob", before[0]);
  EXPECT_EQ(state.Names(state.Recommend(settings, query))[0], before[1]);
  state.Describe(before[0], "camping");
  EXPECT_EQ(state.Names(state.Recommend(settings, query)), before);
}

}  // namespace
}  // namespace freshet::core
