#include "core/cooccurrence.h"

#include <map>
#include <string>

#include <gtest/gtest.h>

namespace freshet::core {
namespace {

class CooccurrenceTest : public testing::Test {
 protected:
  CooccurrenceTest() {
    for (int i = 0; i < 40; ++i) catalog_.FindOrAdd("item" + std::to_string(i), 0);
  }

  static std::map<std::uint32_t, std::uint32_t> Counts(const Cooccurrence& table, ItemId item) {
    std::map<std::uint32_t, std::uint32_t> counts;
    const Neighbours row = table.NeighboursOf(item);
    for (std::size_t i = 0; i < row.items.size(); ++i) counts[row.items[i]] = row.counts[i];
    return counts;
  }

  using CountMap = std::map<std::uint32_t, std::uint32_t>;
  Settings settings_;
  Catalog catalog_{settings_};
  ItemId a_{0}, b_{1}, c_{2};
};

TEST_F(CooccurrenceTest, PairCountsTheSmallerWeight) {
  Cooccurrence table({.name = "t"}, catalog_);
  table.Touch(0, a_, 5, 0);
  table.Touch(0, b_, 3, 1);
  EXPECT_EQ(Counts(table, a_), (CountMap{{1, 3}}));
  EXPECT_EQ(Counts(table, b_), (CountMap{{0, 3}}));
  EXPECT_EQ(table.ItemCount(a_), 5U);
  EXPECT_EQ(table.ItemCount(b_), 3U);
  EXPECT_EQ(table.BasketCount(), 5U);
}

TEST_F(CooccurrenceTest, RepeatsDoNotInflate) {
  Cooccurrence table({.name = "t"}, catalog_);
  for (int i = 0; i < 100; ++i) {
    table.Touch(0, a_, 1, i);
    table.Touch(0, b_, 1, i);
  }
  EXPECT_EQ(Counts(table, a_), (CountMap{{1, 1}}));
  EXPECT_EQ(table.ItemCount(a_), 1U);
}

TEST_F(CooccurrenceTest, StrongerEventRaisesByTheDifference) {
  Cooccurrence table({.name = "t"}, catalog_);
  table.Touch(0, a_, 1, 0);
  table.Touch(0, b_, 3, 1);
  table.Touch(0, a_, 5, 2);
  EXPECT_EQ(Counts(table, a_), (CountMap{{1, 3}}));
  EXPECT_EQ(table.ItemCount(a_), 5U);
}

TEST_F(CooccurrenceTest, PauseLongerThanTheWindowOpensANewBasket) {
  Cooccurrence table({.name = "t", .window_ms = 10}, catalog_);
  table.Touch(0, a_, 1, 0);
  table.Touch(0, b_, 1, 10);
  table.Touch(0, c_, 1, 21);
  EXPECT_EQ(Counts(table, b_), (CountMap{{0, 1}}));
  EXPECT_TRUE(Counts(table, c_).empty());
  EXPECT_EQ(table.BasketCount(), 2U);
}

TEST_F(CooccurrenceTest, RetractLeavesNoTrace) {
  Cooccurrence table({.name = "t"}, catalog_);
  table.Touch(0, a_, 2, 0);
  table.Touch(0, b_, 1, 1);
  table.Touch(1, a_, 1, 2);
  table.Retract(0);
  EXPECT_TRUE(Counts(table, a_).empty());
  EXPECT_TRUE(Counts(table, b_).empty());
  EXPECT_EQ(table.ItemCount(a_), 1U);
  EXPECT_EQ(table.ItemCount(b_), 0U);
  EXPECT_EQ(table.BasketCount(), 1U);
}

TEST_F(CooccurrenceTest, JoinedBasketsCountAsOneOwner) {
  Cooccurrence table({.name = "t"}, catalog_);
  table.Touch(0, a_, 1, 0);
  table.Touch(1, a_, 1, 1);
  table.Touch(1, b_, 1, 2);
  table.Join(1, 0);
  EXPECT_EQ(table.ItemCount(a_), 1U);
  EXPECT_EQ(Counts(table, a_), (CountMap{{1, 1}}));
  EXPECT_EQ(table.BasketCount(), 1U);
  EXPECT_TRUE(table.BasketOf(1).empty());
}

TEST_F(CooccurrenceTest, FullRowEvictsTheSmallestAndKeepsTheErrorBound) {
  Cooccurrence table({.name = "t", .maximum_neighbours = 4, .maximum_basket_items = 2}, catalog_);
  std::map<std::uint32_t, std::uint32_t> truth;
  std::uint32_t owner = 0;
  const auto together = [&](std::uint32_t other) {
    table.Touch(owner, a_, 1, 0);
    table.Touch(owner++, ItemId{other}, 1, 0);
    ++truth[other];
  };
  for (int round = 0; round < 50; ++round) {
    for (std::uint32_t other = 1; other < 30; ++other) {
      if (round % other == 0) together(other);
    }
  }
  const Neighbours row = table.NeighboursOf(a_);
  ASSERT_EQ(row.items.size(), 4U);
  for (std::size_t i = 0; i < row.items.size(); ++i) {
    EXPECT_GE(row.counts[i], truth[row.items[i]]);
    EXPECT_LE(row.counts[i] - row.errors[i], truth[row.items[i]]);
  }
  EXPECT_GT(table.evicted_pairs(), 0U);
}

TEST_F(CooccurrenceTest, ErasedItemLeavesEveryRow) {
  Cooccurrence table({.name = "t"}, catalog_);
  table.Touch(0, a_, 1, 0);
  table.Touch(0, b_, 1, 1);
  table.Erase(a_);
  catalog_.Erase(a_);
  table.Touch(0, c_, 1, 2);
  EXPECT_EQ(Counts(table, b_), (CountMap{{2, 1}}));
  EXPECT_EQ(Counts(table, c_), (CountMap{{1, 1}}));
  EXPECT_TRUE(Counts(table, a_).empty());
}

TEST_F(CooccurrenceTest, OldestItemLeavesAFullBasketButStaysCounted) {
  Cooccurrence table({.name = "t", .maximum_basket_items = 2}, catalog_);
  table.Touch(0, a_, 1, 0);
  table.Touch(0, b_, 1, 1);
  table.Touch(0, c_, 1, 2);
  EXPECT_EQ(Counts(table, a_), (CountMap{{1, 1}, {2, 1}}));
  EXPECT_EQ(table.BasketOf(0).size(), 2U);
}

TEST_F(CooccurrenceTest, DamagedRowsAreRefused) {
  Cooccurrence table({.name = "t"}, catalog_);
  table.Touch(0, a_, 1, 0);
  table.Touch(0, b_, 1, 1);
  RowBatch rows;
  TakeAllRows(&table, &rows);
  rows.ForEach([&](const RowBatch::Row& row) {
    for (std::size_t size = 0; size < row.value.size(); ++size) {
      Cooccurrence loaded({.name = "t"}, catalog_);
      const std::string_view prefix = row.value.substr(0, size);
      const Status status =
          row.table == Table::kPairs ? loaded.LoadPairs(0, prefix) : loaded.LoadBasket(0, prefix);
      ASSERT_FALSE(status.ok()) << TableName(row.table) << " cut to " << size;
      EXPECT_EQ(status.error().code, ErrorCode::kCorruption);
    }
  });
}

}  // namespace
}  // namespace freshet::core
