#include "core/history.h"

#include <string>

#include <gtest/gtest.h>

namespace freshet::core {
namespace {

std::vector<std::uint32_t> Slots(const History& history) {
  std::vector<std::uint32_t> slots;
  for (const auto& entry : history.entries()) slots.push_back(entry.item.value);
  return slots;
}

TEST(History, KeepsTheNewestFirst) {
  History history;
  EXPECT_TRUE(history.Record(ItemId{1}, 1, 100, 10).is_new);
  EXPECT_TRUE(history.Record(ItemId{2}, 1, 200, 10).is_new);
  EXPECT_EQ(Slots(history), (std::vector<std::uint32_t>{2, 1}));
}

TEST(History, RepeatKeepsTheStrongestWeightAndTheLatestTime) {
  History history;
  history.Record(ItemId{1}, 5, 100, 10);
  EXPECT_FALSE(history.Record(ItemId{1}, 1, 200, 10).is_new);
  ASSERT_EQ(history.entries().size(), 1U);
  EXPECT_EQ(history.entries()[0], (History::Entry{ItemId{1}, 5, 200}));
}

TEST(History, LateTouchTakesThePlaceOfItsTime) {
  History history;
  history.Record(ItemId{1}, 1, 100, 10);
  history.Record(ItemId{2}, 1, 300, 10);
  history.Record(ItemId{3}, 1, 200, 10);
  EXPECT_EQ(Slots(history), (std::vector<std::uint32_t>{2, 3, 1}));
}

TEST(History, LateRepeatKeepsItsPlace) {
  History history;
  history.Record(ItemId{1}, 1, 100, 10);
  history.Record(ItemId{2}, 1, 300, 10);
  history.Record(ItemId{2}, 4, 50, 10);
  EXPECT_EQ(Slots(history), (std::vector<std::uint32_t>{2, 1}));
  EXPECT_EQ(history.entries()[0].weight, 4U);
  EXPECT_EQ(history.entries()[0].time_s, 300U);
}

TEST(History, PastTheCapTheOldestLeaves) {
  History history;
  for (std::uint32_t i = 0; i < 1000; ++i) history.Record(ItemId{i}, 1, 100 + i, 3);
  EXPECT_EQ(Slots(history), (std::vector<std::uint32_t>{999, 998, 997}));
}

TEST(History, SurvivesItsStoredForm) {
  History history;
  history.Record(ItemId{7}, 3, 100, 10);
  history.Record(ItemId{9}, 1, 200, 10);
  std::string bytes;
  ByteWriter writer(&bytes);
  history.Encode(&writer);
  History loaded;
  ByteReader reader(bytes);
  loaded.Decode(&reader);
  ASSERT_TRUE(reader.done());
  EXPECT_TRUE(std::equal(history.entries().begin(), history.entries().end(),
                         loaded.entries().begin(), loaded.entries().end()));
}

}  // namespace
}  // namespace freshet::core
