#include "core/arrivals.h"

#include <algorithm>
#include <set>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::core {
namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

std::vector<std::uint32_t> Some(const Arrivals& arrivals, std::int64_t from_ms, std::int64_t to_ms,
                                std::uint64_t seed, std::size_t limit = 1000) {
  std::vector<std::uint32_t> items;
  arrivals.ForSome(from_ms, to_ms, seed, limit, [&](ItemId item) { items.push_back(item.value); });
  return items;
}

TEST(Arrivals, FindsTheDaysBetween) {
  Arrivals arrivals;
  for (std::uint32_t day = 0; day < 10; ++day) arrivals.Add(ItemId{day}, day * kDayMs + 5);
  std::set<std::uint32_t> found;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (const std::uint32_t item : Some(arrivals, 3 * kDayMs, 5 * kDayMs + 1, seed)) {
      found.insert(item);
    }
  }
  EXPECT_THAT(found, testing::ElementsAre(3, 4, 5));
  EXPECT_THAT(Some(arrivals, 20 * kDayMs, 30 * kDayMs, 1), testing::IsEmpty());
}

TEST(Arrivals, VisitsEachOfADayOnceAndNoMoreThanAsked) {
  Arrivals arrivals;
  for (std::uint32_t slot = 100; slot < 150; ++slot) arrivals.Add(ItemId{slot}, 7);
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const std::uint64_t spread = seed * 0x9E3779B97F4A7C15;
    std::vector<std::uint32_t> all = Some(arrivals, 0, kDayMs, spread);
    std::sort(all.begin(), all.end());
    ASSERT_EQ(all.size(), 50U);
    ASSERT_EQ(std::unique(all.begin(), all.end()), all.end());
    ASSERT_EQ(Some(arrivals, 0, kDayMs, spread, 8).size(), 8U);
  }
}

TEST(Arrivals, StarvesNobody) {
  Arrivals arrivals;
  for (std::uint32_t slot = 0; slot < 500; ++slot) {
    arrivals.Add(ItemId{slot * 3}, (slot % 4) * kDayMs);
  }
  std::set<std::uint32_t> found;
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    for (const std::uint32_t item : Some(arrivals, 0, 4 * kDayMs, seed * 0x9E3779B97F4A7C15, 4)) {
      found.insert(item);
    }
  }
  EXPECT_EQ(found.size(), 500U);
}

TEST(Arrivals, TimesBefore1970AreOfTheDayTheyAreIn) {
  Arrivals arrivals;
  arrivals.Add(ItemId{1}, -1);
  EXPECT_THAT(Some(arrivals, -kDayMs, -1, 0), testing::ElementsAre(1));
  EXPECT_THAT(Some(arrivals, 0, kDayMs, 0), testing::IsEmpty());
  arrivals.Erase(ItemId{1}, -1);
  EXPECT_THAT(Some(arrivals, -kDayMs, -1, 0), testing::IsEmpty());
  EXPECT_EQ(arrivals.bytes(), 0U);
}

}  // namespace
}  // namespace freshet::core
