#include "core/slot_list.h"

#include <random>
#include <set>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::core {
namespace {

std::vector<std::uint32_t> Below(const SlotList& list, std::uint32_t end) {
  std::vector<std::uint32_t> slots;
  list.ForEachBelow(end, [&](std::uint32_t slot) {
    slots.push_back(slot);
    return true;
  });
  return slots;
}

TEST(SlotList, ReadsFromTheNewestBack) {
  SlotList list;
  for (const std::uint32_t slot : {3U, 9U, 5U}) list.Add(slot);
  EXPECT_THAT(Below(list, SlotList::kLimit), testing::ElementsAre(9, 5, 3));
  EXPECT_THAT(Below(list, 9), testing::ElementsAre(5, 3));
  EXPECT_THAT(Below(list, 3), testing::IsEmpty());
  EXPECT_EQ(list.Least(), 3U);
  EXPECT_EQ(list.Greatest(), 9U);
}

TEST(SlotList, StopsWhenToldTo) {
  SlotList list;
  for (std::uint32_t slot = 0; slot < 10; ++slot) list.Add(slot);
  int visited = 0;
  list.ForEachBelow(SlotList::kLimit, [&](std::uint32_t) { return ++visited < 3; });
  EXPECT_EQ(visited, 3);
}

TEST(SlotList, IsASetWhateverTheOrder) {
  std::mt19937 random(7);
  SlotList list;
  std::set<std::uint32_t> model;
  for (int step = 0; step < 20'000; ++step) {
    const auto slot = static_cast<std::uint32_t>(random() % 300);
    if (model.insert(slot).second) {
      list.Add(slot);
    } else {
      list.Erase(slot);
      model.erase(slot);
    }
    ASSERT_EQ(list.size(), model.size());
    if (step % 100 != 0 || model.empty()) continue;
    ASSERT_EQ(Below(list, SlotList::kLimit),
              std::vector<std::uint32_t>(model.rbegin(), model.rend()));
    ASSERT_EQ(list.Least(), *model.begin());
    ASSERT_EQ(list.Greatest(), *model.rbegin());
  }
}

TEST(SlotList, GivesBackWhatIsErased) {
  SlotList list;
  for (std::uint32_t slot = 0; slot < 10'000; ++slot) list.Add(slot);
  for (std::uint32_t slot = 0; slot < 10'000; ++slot) list.Erase(slot);
  EXPECT_EQ(list.size(), 0U);
  EXPECT_EQ(list.bytes(), 0U);
}

}  // namespace
}  // namespace freshet::core
