#include "core/row_taking.h"

#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/changed_slots.h"
#include "core/dump.h"
#include "core/recipes/learner.h"
#include "core/state.h"
#include "tests/unit/core/event_stream.h"

namespace freshet::core {
namespace {

using Rows = std::map<std::pair<Table, std::string>, std::string>;

Rows RowsOf(const RowBatch& batch) {
  Rows rows;
  batch.ForEach([&](const RowBatch::Row& row) {
    const std::string value = row.deleted ? "deleted" : "put " + std::string(row.value);
    const bool is_new = rows.emplace(std::pair(row.table, std::string(row.key)), value).second;
    EXPECT_TRUE(is_new) << "twice in one batch: " << TableName(row.table);
  });
  return rows;
}

TEST(ChangedSlots, EachIsTakenOnceAscendingUnlessItChangesBefore) {
  ChangedSlots slots;
  std::vector<std::uint32_t> taken;
  const auto take = [&](std::uint32_t slot) { taken.push_back(slot); };
  for (const std::uint32_t slot : {700U, 3U, 64U, 3U, 65U}) slots.Mark(slot);
  slots.BeginTake(take);
  slots.Mark(65);
  slots.Mark(65);
  slots.Mark(9000);
  EXPECT_EQ(taken, (std::vector<std::uint32_t>{65}));
  EXPECT_EQ(slots.Take(1), 1U);
  EXPECT_EQ(taken, (std::vector<std::uint32_t>{65, 3}));
  slots.Mark(3);
  EXPECT_EQ(slots.Take(100), 2U);
  EXPECT_EQ(taken, (std::vector<std::uint32_t>{65, 3, 64, 700}));
  slots.Mark(700);
  taken.clear();
  slots.BeginTake(take);
  EXPECT_EQ(slots.Take(100), 4U);
  EXPECT_EQ(taken, (std::vector<std::uint32_t>{3, 65, 700, 9000}));
}

// Everything that can change a row: events of named users, visitors who log in and sessions of
// either, impressions, metadata, deletions, and caps so low that all of them are reached.
class Stream {
 public:
  static Settings TightSettings() {
    Settings settings;
    settings.campaigns = DefaultCampaigns();
    settings.maximum_users = 40;
    settings.maximum_sessions = 60;
    settings.maximum_items = 50;
    settings.maximum_history_items = 8;
    settings.maximum_session_items = 6;
    settings.maximum_postings = 5;
    settings.maximum_successors = 4;
    settings.maximum_event_ids = 30;
    for (PairTableSettings& table : settings.pair_tables) {
      table.maximum_neighbours = 5;
      table.maximum_basket_items = 4;
    }
    settings.audience_columns = {"COUNTRY"};
    return settings;
  }

  LogEntry Next() {
    now_ms_ += Below(20) == 0 ? 3'600'000 : 1000;
    switch (Below(30)) {
      case 0:
        return DeleteItem{Item()};
      case 1:
        return DeleteUser{User()};
      case 2:
        return PutUser{User(), {{"COUNTRY", std::string(Below(2) == 0 ? "DE" : "FR")}}};
      case 3:
      case 4:
        return PutItem{Item(),
                       {{"CATEGORY_L1", std::string(1, static_cast<char>('a' + Below(4)))}}};
      default:
        break;
    }
    const std::uint32_t who = Below(4);
    Event event = MakeEvent(who == 0 ? "" : User(), who == 1 ? "" : "s" + std::to_string(Below(90)),
                            Item(), now_ms_ - Below(5'000), Below(3) == 0 ? "purchase" : "view");
    if (Below(3) == 0) event.event_id = "e" + std::to_string(Below(200));
    if (Below(4) == 0) event.impression = {Item(), Item()};
    return event;
  }

  [[nodiscard]] std::int64_t now_ms() const { return now_ms_; }
  std::uint32_t Below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }

 private:
  std::string User() { return "u" + std::to_string(Below(60)); }
  std::string Item() { return "i" + std::to_string(Below(80)); }

  std::mt19937 random_{11};
  std::int64_t now_ms_ = kStartMs;
};

// Two states learn the same; of one all rows are taken at once, of the other in steps between which
// it goes on learning.
TEST(RowTaking, RowsAreThoseOfTheMomentWhenItBegan) {
  const Settings settings = Stream::TightSettings();
  State at_once(settings);
  State in_steps(settings);
  Learner first(&at_once);
  Learner second(&in_steps);
  Stream stream;
  std::uint64_t offset = 0;
  const auto learn = [&] {
    const StampedEntry entry{{0, ++offset}, stream.now_ms(), stream.Next()};
    EXPECT_EQ(first.Apply(entry), second.Apply(entry));
  };
  for (int checkpoint = 0; checkpoint < 400; ++checkpoint) {
    for (std::uint32_t left = stream.Below(150); left > 0; --left) learn();
    RowBatch wanted;
    TakeAllRows(&at_once, &wanted);
    RowBatch got;
    RowTaking taking(&got);
    in_steps.TakeChangedRows(&taking);
    do {
      for (std::uint32_t left = stream.Below(4); left > 0; --left) learn();
    } while (taking.Continue(1 + stream.Below(20)));
    ASSERT_EQ(RowsOf(got), RowsOf(wanted)) << "checkpoint " << checkpoint;
  }
  EXPECT_GT(at_once.evictions().users, 100U);
  EXPECT_GT(at_once.evictions().items, 100U);
  EXPECT_GT(at_once.evictions().sessions, 100U);
  EXPECT_GT(at_once.evictions().pairs, 100U);
}

TEST(RowTaking, WhatIsLeftIsTakenAtItsEnd) {
  State state{Settings()};
  Feed feed(&state);
  for (int i = 0; i < 500; ++i) feed.Apply(MakeEvent("u" + std::to_string(i), "", "a"));
  RowBatch rows;
  {
    RowTaking taking(&rows);
    state.TakeChangedRows(&taking);
    EXPECT_TRUE(taking.Continue(10));
  }
  EXPECT_GT(rows.size(), 1000U);
  RowBatch none;
  TakeAllRows(&state, &none);
  EXPECT_EQ(none.size(), 0U);
}

}  // namespace
}  // namespace freshet::core
