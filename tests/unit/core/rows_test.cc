#include "core/rows.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace freshet::core {
namespace {

TEST(Rows, EveryTableHasItsOwnName) {
  std::set<std::string_view> names;
  for (std::size_t table = 0; table < kTableCount; ++table) {
    names.insert(TableName(static_cast<Table>(table)));
  }
  EXPECT_EQ(names.size(), kTableCount);
  EXPECT_EQ(TableName(Table::kEventIds), "event_ids");
}

TEST(Rows, SlotKeysSortLikeTheirSlots) {
  const std::vector<std::uint32_t> slots = {0, 1, 127, 128, 255, 256, 65'535, 1U << 31, UINT32_MAX};
  for (std::size_t i = 0; i < slots.size(); ++i) {
    std::uint32_t slot = 0;
    ASSERT_TRUE(ParseSlotKey(SlotKey(slots[i]), &slot));
    EXPECT_EQ(slot, slots[i]);
    if (i > 0) {
      EXPECT_LT(SlotKey(slots[i - 1]), SlotKey(slots[i]));
    }
  }
}

TEST(Rows, AKeyOfAnotherLengthIsNoSlotKey) {
  std::uint32_t slot = 0;
  for (const std::size_t size : {0u, 1u, 3u, 5u, 8u}) {
    EXPECT_FALSE(ParseSlotKey(std::string(size, 'k'), &slot)) << size;
  }
}

TEST(Rows, NamedSlotKeysComeBack) {
  for (const std::string& name : std::vector<std::string>{"", "similar-items", "a\xFFz"}) {
    for (const std::uint32_t slot : {0u, 5u, UINT32_MAX}) {
      std::string_view parsed_name;
      std::uint32_t parsed_slot = 0;
      const std::string key = NamedSlotKey(name, slot);
      ASSERT_TRUE(ParseNamedSlotKey(key, &parsed_name, &parsed_slot));
      EXPECT_EQ(parsed_name, name);
      EXPECT_EQ(parsed_slot, slot);
    }
  }
}

TEST(Rows, AKeyWithoutTheZeroByteIsNoNamedSlotKey) {
  std::string_view name;
  std::uint32_t slot = 0;
  const std::string key = NamedSlotKey("pairs", 0x01010101);
  for (std::size_t size = 0; size < key.size(); ++size) {
    EXPECT_FALSE(ParseNamedSlotKey(std::string_view(key).substr(0, size), &name, &slot)) << size;
  }
  EXPECT_FALSE(ParseNamedSlotKey("pairsX1234", &name, &slot));
}

TEST(RowBatch, VisitsRowsInTheOrderOfInsertion) {
  RowBatch batch;
  batch.Put(Table::kItems, "key", "value");
  batch.Delete(Table::kUsers, std::string("\0\1", 2));
  batch.Put(Table::kMeta, "", "");
  EXPECT_EQ(batch.size(), 3u);
  EXPECT_EQ(batch.bytes(), 10u);
  std::vector<std::string> seen;
  batch.ForEach([&seen](const RowBatch::Row& row) {
    seen.push_back(std::string(TableName(row.table)) + " " + std::string(row.key) + "=" +
                   std::string(row.value) + (row.deleted ? " deleted" : ""));
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"items key=value",
                                            std::string("users \0\1= deleted", 17), "meta ="}));
}

TEST(RowBatch, IsEmptyAfterClear) {
  RowBatch batch;
  batch.Put(Table::kItems, "key", "value");
  batch.Clear();
  EXPECT_EQ(batch.size(), 0u);
  EXPECT_EQ(batch.bytes(), 0u);
  batch.ForEach([](const RowBatch::Row&) { FAIL() << "a row in an empty batch"; });
}

}  // namespace
}  // namespace freshet::core
