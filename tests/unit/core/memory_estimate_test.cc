#include "core/memory_estimate.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace freshet::core {
namespace {

MemoryNeed NeedOf(const Settings& settings, std::string_view key) {
  const std::vector<MemoryNeed> needs = MemoryAtCaps(settings);
  const auto found = std::find_if(needs.begin(), needs.end(),
                                  [&](const MemoryNeed& need) { return need.key == key; });
  return found == needs.end() ? MemoryNeed{} : *found;
}

// Measured: 3,222 bytes a user of 200 items in the history, 6,692 an item seen by 3,000 users.
TEST(MemoryEstimate, IsNearWhatFullUsersAndBusyItemsWereMeasuredToTake) {
  const MemoryNeed users = NeedOf(Settings(), "learning.maximum_users");
  EXPECT_GE(users.bytes_each, 3'222u);
  EXPECT_LE(users.bytes_each, 2 * 3'222u);
  const MemoryNeed items = NeedOf(Settings(), "learning.maximum_items");
  EXPECT_GE(items.bytes_each, 6'692u);
  EXPECT_LE(items.bytes_each, 2 * 6'692u);
}

TEST(MemoryEstimate, FollowsTheCaps) {
  Settings settings;
  settings.maximum_users = 1000;
  settings.maximum_history_items = 10;
  const MemoryNeed small = NeedOf(settings, "learning.maximum_users");
  settings.maximum_history_items = 110;
  const MemoryNeed large = NeedOf(settings, "learning.maximum_users");
  EXPECT_EQ(large.bytes() - small.bytes(), 1000u * 100 * 12);
  const std::uint64_t items = NeedOf(settings, "learning.maximum_items").bytes_each;
  settings.pair_tables.pop_back();
  EXPECT_LT(NeedOf(settings, "learning.maximum_items").bytes_each, items);
}

TEST(MemoryEstimate, TheGreatestNeedComesFirst) {
  const std::vector<MemoryNeed> needs = MemoryAtCaps(Settings());
  for (std::size_t i = 1; i < needs.size(); ++i) {
    EXPECT_GE(needs[i - 1].bytes(), needs[i].bytes());
  }
}

}  // namespace
}  // namespace freshet::core
