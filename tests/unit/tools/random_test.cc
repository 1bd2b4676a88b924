#include "tools/random.h"

#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace freshet::tools {
namespace {

// The published test vector of xoshiro256** cannot be used, since the seed goes through SplitMix64
// first; these are the values of the first platform, which every other one has to give as well.
TEST(Random, IsTheSameOnEveryPlatform) {
  Random random(1);
  EXPECT_EQ(random.Next(), 12966619160104079557ULL);
  EXPECT_EQ(random.Next(), 9600361134598540522ULL);
}

TEST(Random, BelowReachesEveryValueEvenly) {
  Random random(7);
  std::array<int, 10> counts{};
  for (int i = 0; i < 100'000; ++i) ++counts[random.Below(10)];
  for (const int count : counts) {
    EXPECT_GT(count, 9'600);
    EXPECT_LT(count, 10'400);
  }
}

TEST(WeightedChoice, PicksInProportionAndNeverWhatHasNoWeight) {
  Random random(3);
  WeightedChoice choice;
  choice.Assign(std::vector<std::uint64_t>{0, 1, 0, 3, 0});
  std::array<int, 5> counts{};
  for (int i = 0; i < 40'000; ++i) ++counts[choice.Pick(&random)];
  EXPECT_EQ(counts[0] + counts[2] + counts[4], 0);
  EXPECT_NEAR(counts[1], 10'000, 500);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(choice.PickWithin(2, 5, &random), 3U);
}

TEST(WeightedChoice, WithoutAnyWeightThereIsNothingToPick) {
  WeightedChoice choice;
  EXPECT_FALSE(choice.CanPick());
  choice.Assign(std::vector<std::uint64_t>{0, 0});
  EXPECT_FALSE(choice.CanPick());
}

}  // namespace
}  // namespace freshet::tools
