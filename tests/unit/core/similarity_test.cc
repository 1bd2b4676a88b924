#include "core/similarity.h"

#include <cmath>
#include <cstdint>
#include <random>

#include <gtest/gtest.h>

namespace freshet::core {
namespace {

constexpr Measure kAll[] = {Measure::kJaccard, Measure::kCosine, Measure::kLogLikelihood,
                            Measure::kLift, Measure::kConfidence};

TEST(Similarity, JaccardIsTheShareOfEitherThatHasBoth) {
  EXPECT_DOUBLE_EQ(Similarity(Measure::kJaccard, {10, 20, 30, 100}), 0.25);
}

TEST(Similarity, CosineDividesByTheGeometricMeanOfBoth) {
  EXPECT_DOUBLE_EQ(Similarity(Measure::kCosine, {10, 20, 80, 100}), 0.25);
}

TEST(Similarity, LiftComparesWithChance) {
  EXPECT_DOUBLE_EQ(Similarity(Measure::kLift, {10, 20, 25, 100}), 2.0);
  EXPECT_DOUBLE_EQ(Similarity(Measure::kLift, {5, 20, 25, 100}), 1.0);
}

TEST(Similarity, ConfidenceIsTheShareOfTheItemAskedAbout) {
  EXPECT_DOUBLE_EQ(Similarity(Measure::kConfidence, {10, 20, 80, 100}), 0.5);
  EXPECT_DOUBLE_EQ(Similarity(Measure::kConfidence, {10, 80, 20, 100}), 0.125);
}

// Cells 10, 10, 20, 60: 2 * (10 ln(5/3) + 10 ln(5/7) + 20 ln(5/6) + 60 ln(15/14)).
TEST(Similarity, LogLikelihoodOfATableWorkedByHand) {
  EXPECT_NEAR(Similarity(Measure::kLogLikelihood, {10, 20, 30, 100}), 4.4733500, 1e-6);
}

// Both items in the same half of 100 baskets: 2 * (50 ln 2 + 50 ln 2).
TEST(Similarity, LogLikelihoodOfItemsThatAlwaysGoTogether) {
  EXPECT_NEAR(Similarity(Measure::kLogLikelihood, {50, 50, 50, 100}), 200 * std::log(2.0), 1e-9);
}

TEST(Similarity, LogLikelihoodIsZeroAtChance) {
  EXPECT_NEAR(Similarity(Measure::kLogLikelihood, {6, 20, 30, 100}), 0, 1e-9);
}

// Cells 1, 19, 29, 51, the pair a sixth of what chance gives.
TEST(Similarity, LogLikelihoodIsNegativeBelowChance) {
  EXPECT_NEAR(Similarity(Measure::kLogLikelihood, {1, 20, 30, 100}), -9.4573618, 1e-6);
}

TEST(Similarity, LogLikelihoodStandsAPopulationSmallerThanItsParts) {
  // Taken as 20 + 30 - 10 baskets, the fewest that could hold them.
  EXPECT_DOUBLE_EQ(Similarity(Measure::kLogLikelihood, {10, 20, 30, 5}),
                   Similarity(Measure::kLogLikelihood, {10, 20, 30, 40}));
}

TEST(Similarity, NothingInCommonIsZeroByEveryMeasure) {
  for (const Measure measure : kAll) {
    EXPECT_EQ(Similarity(measure, {0, 20, 30, 100}), 0) << MeasureName(measure);
    EXPECT_EQ(Similarity(measure, {0, 0, 30, 100}), 0) << MeasureName(measure);
    EXPECT_EQ(Similarity(measure, {0, 20, 0, 100}), 0) << MeasureName(measure);
    EXPECT_EQ(Similarity(measure, {}), 0) << MeasureName(measure);
  }
}

// Dunning's ratio in its other form, the sum of k ln(k / expected) over the cells.
double RatioByExpectation(double pair, double item, double other, double population) {
  const auto cell = [&](double k, double row, double column) {
    return k > 0 ? k * std::log(k * population / (row * column)) : 0;
  };
  const double rest = population - item;
  const double others = population - other;
  return 2 * (cell(pair, item, other) + cell(item - pair, item, others) +
              cell(other - pair, rest, other) + cell(rest - other + pair, rest, others));
}

TEST(Similarity, LogLikelihoodEqualsTheSumOverExpectations) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 10'000; ++round) {
    const std::uint64_t scale = round % 2 == 0 ? 50 : 100'000;
    const double pair = static_cast<double>(1 + random() % scale);
    const double item = pair + static_cast<double>(random() % scale);
    const double other = pair + static_cast<double>(random() % scale);
    const double population = item + other - pair + static_cast<double>(random() % (20 * scale));
    const double ratio = RatioByExpectation(pair, item, other, population);
    const double signed_ratio = pair * population < item * other ? -ratio : ratio;
    EXPECT_NEAR(Similarity(Measure::kLogLikelihood, {pair, item, other, population}), signed_ratio,
                1e-6 + 1e-9 * ratio)
        << pair << " " << item << " " << other << " " << population;
  }
}

TEST(XLogX, TakesSmallLargeAndBrokenNumbersAlike) {
  EXPECT_EQ(XLogX(0), 0);
  EXPECT_EQ(XLogX(-1), 0);
  EXPECT_EQ(XLogX(1), 0);
  for (const double x : {2.0, 2.5, 4095.0, 4096.0, 1e12}) {
    EXPECT_DOUBLE_EQ(XLogX(x), x * std::log(x));
  }
}

TEST(Measure, NamesGoThereAndBack) {
  for (const Measure measure : kAll) EXPECT_EQ(ParseMeasure(MeasureName(measure)), measure);
  EXPECT_EQ(MeasureName(Measure::kLogLikelihood), "llr");
  EXPECT_EQ(ParseMeasure("Cosine"), std::nullopt);
  EXPECT_EQ(ParseMeasure(""), std::nullopt);
}

}  // namespace
}  // namespace freshet::core
