#include "core/decayed_counter.h"

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace freshet::core {
namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kNow = 1'790'000'000'000;

TEST(DecayedCounter, IsZeroBeforeAnythingIsAdded) {
  const DecayedCounter counter;
  EXPECT_EQ(counter.At(kNow, kHour), 0);
  EXPECT_EQ(counter.log2_mass(), -std::numeric_limits<double>::infinity());
}

TEST(DecayedCounter, HalvesWithEveryHalfLife) {
  DecayedCounter counter;
  counter.Add(8, kNow, kHour);
  EXPECT_NEAR(counter.At(kNow, kHour), 8, 1e-6);
  EXPECT_NEAR(counter.At(kNow + kHour, kHour), 4, 1e-6);
  EXPECT_NEAR(counter.At(kNow + 3 * kHour, kHour), 1, 1e-6);
}

TEST(DecayedCounter, ALateEventCountsWhatIsLeftOfIt) {
  DecayedCounter counter;
  counter.Add(1, kNow, kHour);
  counter.Add(1, kNow - 2 * kHour, kHour);
  EXPECT_NEAR(counter.At(kNow, kHour), 1.25, 1e-6);
}

TEST(DecayedCounter, AnEventOfLongAgoNeitherShrinksNorSpoilsTheSum) {
  DecayedCounter counter;
  counter.Add(1, kNow, kHour);
  const double before = counter.log2_mass();
  counter.Add(1, 0, kHour);
  EXPECT_EQ(counter.log2_mass(), before);
}

TEST(DecayedCounter, TheFirstEventMayBeAtTheVeryStartOfTime) {
  DecayedCounter counter;
  counter.Add(1, 0, kHour);
  EXPECT_EQ(counter.At(0, kHour), 1);
  counter.Add(1, kNow, kHour);
  EXPECT_NEAR(counter.At(kNow, kHour), 1, 1e-6);
}

TEST(DecayedCounter, SurvivesItsStoredForm) {
  DecayedCounter counter;
  counter.Add(3, kNow, kHour);
  DecayedCounter reopened(counter.log2_mass());
  counter.Add(2, kNow + 5, kHour);
  reopened.Add(2, kNow + 5, kHour);
  EXPECT_EQ(counter.log2_mass(), reopened.log2_mass());
}

TEST(DecayedCounter, AgreesWithTheSumWrittenOut) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  DecayedCounter counter;
  std::vector<std::pair<double, std::int64_t>> events;
  for (int i = 0; i < 2000; ++i) {
    const auto weight = static_cast<double>(1 + random() % 5);
    const std::int64_t time_ms = kNow - static_cast<std::int64_t>(random() % (20 * kHour));
    events.emplace_back(weight, time_ms);
    const double before = counter.log2_mass();
    counter.Add(weight, time_ms, kHour);
    ASSERT_GE(counter.log2_mass(), before);
  }
  double sum = 0;
  for (const auto& [weight, time_ms] : events) {
    sum += weight * std::exp2(-static_cast<double>(kNow - time_ms) / kHour);
  }
  EXPECT_NEAR(counter.At(kNow, kHour), sum, 1e-6 * sum);
}

}  // namespace
}  // namespace freshet::core
