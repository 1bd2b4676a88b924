#include "core/successions.h"

#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

// Teaches a session of those items, one touch after the other.
std::vector<ItemId> Visit(Successions* successions, const std::vector<std::uint32_t>& touches) {
  std::vector<ItemId> items;
  for (const std::uint32_t slot : touches) {
    const ItemId item{slot};
    successions->Add(items, item);
    if (items.empty() || items.back() != item) items.push_back(item);
  }
  return items;
}

std::map<std::uint32_t, std::uint32_t> FollowersOf(const Successions& successions,
                                                   std::uint32_t slot) {
  const Successions::Followers row = successions.Of(ItemId{slot});
  std::map<std::uint32_t, std::uint32_t> counts;
  for (std::size_t i = 0; i < row.items.size(); ++i) counts[row.items[i]] = row.counts[i];
  return counts;
}

void Load(const RowBatch& rows, Successions* into) {
  rows.ForEach([&](const RowBatch::Row& row) {
    if (row.deleted) return;
    EXPECT_TRUE(into->LoadRow(row.key, row.value).ok());
  });
}

TEST(Successions, CountLessTheLaterOneFollows) {
  const Settings settings;
  Successions successions(settings);
  Visit(&successions, {0, 1, 2, 3, 4, 5, 6});
  EXPECT_THAT(FollowersOf(successions, 0),
              ElementsAre(Pair(1, 12), Pair(2, 6), Pair(3, 4), Pair(4, 3), Pair(5, 2)));
  EXPECT_EQ(successions.Of(ItemId{0}).total, 27U);
  EXPECT_THAT(FollowersOf(successions, 6), IsEmpty()) << "nothing came after it";
}

TEST(Successions, AnItemTouchedAgainAtOnceFollowsItselfAlone) {
  const Settings settings;
  Successions successions(settings);
  Visit(&successions, {0, 1, 1});
  EXPECT_THAT(FollowersOf(successions, 0), ElementsAre(Pair(1, 12)));
  EXPECT_THAT(FollowersOf(successions, 1), ElementsAre(Pair(1, 12)));
}

TEST(Successions, AnItemThatReturnsDoesNotFollowItself) {
  const Settings settings;
  Successions successions(settings);
  Visit(&successions, {0, 1, 0});
  EXPECT_THAT(FollowersOf(successions, 0), ElementsAre(Pair(1, 12)));
  EXPECT_THAT(FollowersOf(successions, 1), ElementsAre(Pair(0, 12)));
}

TEST(Successions, RetractingASessionLeavesWhatTheOthersTaught) {
  const Settings settings;
  Successions both(settings);
  Successions one(settings);
  const std::vector<ItemId> taken = Visit(&both, {3, 1, 2, 1, 0});
  Visit(&both, {0, 1, 2});
  Visit(&one, {0, 1, 2});
  both.Retract(taken);
  for (std::uint32_t slot = 0; slot < 4; ++slot) {
    EXPECT_EQ(FollowersOf(both, slot), FollowersOf(one, slot)) << slot;
    EXPECT_EQ(both.Of(ItemId{slot}).total, one.Of(ItemId{slot}).total) << slot;
  }
}

TEST(Successions, AFullRowKeepsTheStrongest) {
  Settings settings;
  settings.maximum_successors = 2;
  Successions successions(settings);
  for (int i = 0; i < 3; ++i) Visit(&successions, {0, 1});
  Visit(&successions, {0, 2});
  Visit(&successions, {0, 3});
  // 3 takes the place of 2 and inherits its count as its error.
  EXPECT_THAT(FollowersOf(successions, 0), ElementsAre(Pair(1, 36), Pair(3, 24)));
  EXPECT_THAT(successions.Of(ItemId{0}).errors, ElementsAre(0, 12));
  EXPECT_EQ(successions.Of(ItemId{0}).total, 60U);
  EXPECT_EQ(successions.evicted(), 1U);
}

TEST(Successions, WhatWasInheritedIsStoredWhenAllElseIsTakenBack) {
  Settings settings;
  settings.maximum_successors = 1;
  Successions successions(settings);
  const std::vector<ItemId> first = Visit(&successions, {0, 1});
  const std::vector<ItemId> second = Visit(&successions, {0, 2});
  successions.Retract(first);
  successions.Retract(second);
  ASSERT_THAT(FollowersOf(successions, 0), ElementsAre(Pair(2, 12)));
  ASSERT_EQ(successions.Of(ItemId{0}).total, 0U);
  RowBatch rows;
  TakeAllRows(&successions, &rows);
  Successions loaded(settings);
  Load(rows, &loaded);
  EXPECT_EQ(FollowersOf(loaded, 0), FollowersOf(successions, 0));
}

TEST(Successions, RowsComeBackAsTheyWere) {
  const Settings settings;
  Successions successions(settings);
  Visit(&successions, {0, 1, 2, 2, 0, 3});
  Visit(&successions, {5, 0});
  successions.Erase(ItemId{5});
  RowBatch rows;
  TakeAllRows(&successions, &rows);
  Successions loaded(settings);
  Load(rows, &loaded);
  rows.ForEach([&](const RowBatch::Row& row) {
    if (row.deleted) return;
    Successions damaged(settings);
    EXPECT_FALSE(damaged.LoadRow(row.key, row.value.substr(0, row.value.size() - 1)).ok());
    EXPECT_FALSE(damaged.LoadRow("key", row.value).ok());
  });
  for (std::uint32_t slot = 0; slot < 6; ++slot) {
    EXPECT_EQ(FollowersOf(loaded, slot), FollowersOf(successions, slot)) << slot;
    EXPECT_EQ(loaded.Of(ItemId{slot}).total, successions.Of(ItemId{slot}).total) << slot;
  }
}

}  // namespace
}  // namespace freshet::core
