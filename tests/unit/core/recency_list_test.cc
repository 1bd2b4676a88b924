#include "core/recency_list.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace freshet::core {
namespace {

// Empties the list from its old end.
std::vector<std::uint32_t> TakeInOrder(RecencyList list) {
  std::vector<std::uint32_t> slots;
  while (list.Oldest() != RecencyList::kNone) {
    slots.push_back(list.Oldest());
    list.Remove(slots.back());
  }
  EXPECT_EQ(list.size(), 0u);
  return slots;
}

TEST(RecencyList, IsEmptyAtFirst) {
  const RecencyList list;
  EXPECT_EQ(list.Oldest(), RecencyList::kNone);
  EXPECT_EQ(list.size(), 0u);
  EXPECT_FALSE(list.Contains(0));
  EXPECT_FALSE(list.Contains(RecencyList::kNone));
}

TEST(RecencyList, ATouchMovesTheSlotToTheYoungEnd) {
  RecencyList list;
  list.Touch(5, 1);
  list.Touch(2, 2);
  list.Touch(9, 3);
  list.Touch(5, 4);
  EXPECT_EQ(list.TouchOf(5), 4u);
  EXPECT_EQ(list.size(), 3u);
  EXPECT_EQ(TakeInOrder(list), (std::vector<std::uint32_t>{2, 9, 5}));
}

TEST(RecencyList, ARemovedSlotIsForgottenUntilTouchedAgain) {
  RecencyList list;
  for (std::uint32_t slot = 0; slot < 4; ++slot) list.Touch(slot, slot + 1);
  list.Remove(2);
  EXPECT_FALSE(list.Contains(2));
  list.Touch(2, 9);
  EXPECT_TRUE(list.Contains(2));
  EXPECT_EQ(TakeInOrder(list), (std::vector<std::uint32_t>{0, 1, 3, 2}));
}

TEST(RecencyList, SlotsOfOneNumberStandInSlotOrder) {
  RecencyList list;
  for (const std::uint32_t slot : {8u, 3u, 5u}) list.Touch(slot, 1);
  for (const std::uint32_t slot : {6u, 1u}) list.Touch(slot, 2);
  list.Touch(3, 2);
  EXPECT_EQ(TakeInOrder(list), (std::vector<std::uint32_t>{5, 8, 1, 3, 6}));
}

TEST(RecencyList, AgreesWithASortThroughRandomTouchesAndReopenings) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  RecencyList list;
  std::map<std::uint32_t, std::uint64_t> model;
  std::uint64_t touch = 0;
  for (int step = 0; step < 5000; ++step) {
    const auto slot = static_cast<std::uint32_t>(random() % 50);
    touch += random() % 2;
    if (random() % 4 == 0) {
      if (model.erase(slot) > 0) list.Remove(slot);
    } else {
      list.Touch(slot, touch);
      model[slot] = touch;
    }
    if (random() % 100 == 0) {
      RecencyList reopened;
      for (const auto& [one, number] : model) reopened.Restore(one, number);
      reopened.FinishLoad();
      list = std::move(reopened);
    }
    ASSERT_EQ(list.size(), model.size());
    ASSERT_EQ(list.Contains(slot), model.count(slot) == 1);
    std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
    for (const auto& [one, number] : model) order.emplace_back(number, one);
    std::sort(order.begin(), order.end());
    std::vector<std::uint32_t> expected;
    for (const auto& [number, one] : order) expected.push_back(one);
    ASSERT_EQ(TakeInOrder(list), expected);
  }
}

}  // namespace
}  // namespace freshet::core
