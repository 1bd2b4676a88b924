#include "core/event_ids.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/core/table_rows.h"

namespace freshet::core {
namespace {

constexpr std::int64_t kNow = 1'790'000'000'000;

class EventIdsTest : public testing::Test {
 protected:
  std::unique_ptr<EventIds> Reopen(EventIds* ids) {
    rows_.Commit(ids);
    auto reopened = std::make_unique<EventIds>(settings_);
    EXPECT_TRUE(rows_.LoadInto(reopened.get()).ok());
    EXPECT_TRUE(reopened->FinishLoad().ok());
    return reopened;
  }

  Settings settings_;
  TableRows rows_{Table::kEventIds};
};

TEST_F(EventIdsTest, AnIdIsNewOnce) {
  EventIds ids(settings_);
  EXPECT_TRUE(ids.Insert("a", kNow));
  EXPECT_TRUE(ids.Insert("b", kNow));
  EXPECT_FALSE(ids.Insert("a", kNow + 1));
  EXPECT_EQ(ids.size(), 2u);
}

TEST_F(EventIdsTest, AnIdIsForgottenWhenItsWindowHasPassed) {
  settings_.event_id_window_ms = 1000;
  EventIds ids(settings_);
  EXPECT_TRUE(ids.Insert("a", kNow));
  EXPECT_FALSE(ids.Insert("a", kNow + 999));
  EXPECT_TRUE(ids.Insert("a", kNow + 1000));
  EXPECT_FALSE(ids.Insert("a", kNow + 1999));
  EXPECT_EQ(ids.evicted(), 0u);
}

TEST_F(EventIdsTest, AtTheCapTheOldestLeavesAndIsCounted) {
  settings_.maximum_event_ids = 2;
  EventIds ids(settings_);
  EXPECT_TRUE(ids.Insert("a", kNow));
  EXPECT_TRUE(ids.Insert("b", kNow));
  EXPECT_TRUE(ids.Insert("c", kNow));
  EXPECT_EQ(ids.evicted(), 1u);
  EXPECT_EQ(ids.size(), 2u);
  EXPECT_FALSE(ids.Insert("b", kNow));
  EXPECT_TRUE(ids.Insert("a", kNow));
}

TEST_F(EventIdsTest, ACapOfZeroRemembersNothing) {
  settings_.maximum_event_ids = 0;
  EventIds ids(settings_);
  EXPECT_TRUE(ids.Insert("a", kNow));
  EXPECT_TRUE(ids.Insert("a", kNow));
  EXPECT_EQ(rows_.Commit(&ids), 0u);
}

TEST_F(EventIdsTest, AClockSetBackDoesNotMakeIdsForgotten) {
  settings_.event_id_window_ms = 1000;
  EventIds ids(settings_);
  EXPECT_TRUE(ids.Insert("a", kNow));
  EXPECT_TRUE(ids.Insert("b", kNow - 100'000));
  EXPECT_FALSE(ids.Insert("b", kNow + 500));
  EXPECT_FALSE(ids.Insert("a", kNow - 50'000));
}

TEST_F(EventIdsTest, AfterAQuietDayOneEventDropsOnlyAFew) {
  settings_.event_id_window_ms = 1000;
  EventIds ids(settings_);
  for (int i = 0; i < 1000; ++i) ids.Insert("old " + std::to_string(i), kNow);
  EXPECT_TRUE(ids.Insert("new", kNow + 5000));
  EXPECT_GT(ids.size(), 900u);
  EXPECT_TRUE(ids.Insert("old 999", kNow + 5000));  // there, but expired
  for (int i = 0; i < 500; ++i) ids.Insert("new " + std::to_string(i), kNow + 5000);
  EXPECT_EQ(ids.size(), 502u);
  EXPECT_EQ(ids.evicted(), 0u);
}

TEST_F(EventIdsTest, OnlyWhatChangedIsWritten) {
  settings_.maximum_event_ids = 3;
  EventIds ids(settings_);
  for (const char* id : {"a", "b", "c", "d"}) ids.Insert(id, kNow);
  EXPECT_EQ(rows_.Commit(&ids), 3u);  // "a" came and went
  EXPECT_EQ(rows_.Commit(&ids), 0u);
  ids.Insert("e", kNow);
  EXPECT_EQ(rows_.Commit(&ids), 2u);
  EXPECT_EQ(rows_.rows().size(), 3u);
  for (int i = 0; i < 10; ++i) ids.Insert(std::to_string(i), kNow);
  EXPECT_EQ(rows_.Commit(&ids), 6u);  // three deleted, three written, none that came and went
  EXPECT_EQ(rows_.rows().size(), 3u);
}

TEST_F(EventIdsTest, AReopenedSetWritesOnlyWhatChangedSince) {
  settings_.maximum_event_ids = 3;
  EventIds ids(settings_);
  for (int i = 0; i < 10; ++i) ids.Insert(std::to_string(i), kNow);
  const auto reopened = Reopen(&ids);
  EXPECT_EQ(rows_.Commit(reopened.get()), 0u);
  reopened->Insert("new", kNow);
  EXPECT_EQ(rows_.Commit(reopened.get()), 2u);  // one deleted, one written
  EXPECT_EQ(rows_.rows().size(), 3u);
}

TEST_F(EventIdsTest, RefusesRowsThatItDidNotWrite) {
  EventIds ids(settings_);
  ids.Insert("a", kNow);
  rows_.Commit(&ids);
  const auto& [key, value] = *rows_.rows().begin();
  ExpectRowIsGuarded(Table::kEventIds, key, value, [this] { return EventIds(settings_); });
}

TEST_F(EventIdsTest, RefusesAGapAndAnIdYoungerThanItsSuccessor) {
  EventIds ids(settings_);
  for (int i = 0; i < 3; ++i) ids.Insert(std::to_string(i), kNow + i);
  rows_.Commit(&ids);
  const TableRows whole = rows_;
  rows_.rows().erase(std::next(rows_.rows().begin()));
  EventIds gap(settings_);
  ASSERT_TRUE(rows_.LoadInto(&gap).ok());
  ExpectCorruption(gap.FinishLoad(), Table::kEventIds);

  rows_ = whole;
  std::swap(rows_.rows().begin()->second, rows_.rows().rbegin()->second);
  EventIds swapped(settings_);
  ASSERT_TRUE(rows_.LoadInto(&swapped).ok());
  ExpectCorruption(swapped.FinishLoad(), Table::kEventIds);
}

// What is accepted, in order, kept the simple way.
class Model {
 public:
  explicit Model(const Settings& settings) : settings_(settings) {}

  bool Insert(const std::string& id, std::int64_t received_ms) {
    const std::int64_t now =
        accepted_.empty() ? received_ms : std::max(received_ms, accepted_.back().second);
    const std::int64_t expired = now - settings_.event_id_window_ms;
    const std::size_t first = FirstKept(accepted_.size());
    for (std::size_t i = first; i < accepted_.size(); ++i) {
      if (accepted_[i].first == id && accepted_[i].second > expired) return false;
    }
    accepted_.emplace_back(id, now);
    if (FirstKept(accepted_.size()) > first && accepted_[first].second > expired) ++evicted_;
    return true;
  }

  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

 private:
  [[nodiscard]] std::size_t FirstKept(std::size_t size) const {
    return size - std::min<std::size_t>(size, settings_.maximum_event_ids);
  }

  const Settings& settings_;
  std::vector<std::pair<std::string, std::int64_t>> accepted_;
  std::uint64_t evicted_ = 0;
};

TEST_F(EventIdsTest, AgreesWithAModelThroughRandomIdsAndReopenings) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  settings_.maximum_event_ids = 100;
  settings_.event_id_window_ms = 1000;
  Model model(settings_);
  EventIds live(settings_);
  auto reopened = std::make_unique<EventIds>(settings_);
  std::int64_t now = kNow;
  for (int step = 0; step < 20'000; ++step) {
    // Busy and quiet times, so that both the cap and the window take ids away.
    now += static_cast<std::int64_t>(random() % (step / 1000 % 2 == 0 ? 5 : 60));
    const std::int64_t received = random() % 10 == 0 ? now - 300 : now;
    const std::string id = "event " + std::to_string(random() % 400);
    const bool expected = model.Insert(id, received);
    ASSERT_EQ(live.Insert(id, received), expected) << step;
    ASSERT_EQ(reopened->Insert(id, received), expected) << step;
    ASSERT_EQ(live.size(), reopened->size());
    if (random() % 70 == 0) {
      reopened = Reopen(reopened.get());
      ASSERT_EQ(rows_.rows().size(), live.size());
    }
  }
  EXPECT_EQ(live.evicted(), model.evicted());
  EXPECT_GT(live.evicted(), 0u);
}

}  // namespace
}  // namespace freshet::core
