// A log of several partitions is read in no order between them: a delete holds all the same.
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/dump.h"
#include "core/state.h"
#include "tests/unit/core/event_stream.h"
#include "tests/unit/core/reopen.h"

namespace freshet::core {
namespace {

constexpr std::uint32_t kEvents = 0;
constexpr std::uint32_t kRecords = 1;
constexpr std::int64_t kDeletedMs = kStartMs + 60'000;

StampedEntry Logged(LogEntry entry, std::int64_t received_ms, std::uint32_t partition = kEvents) {
  return {.position = {partition, 0}, .received_ms = received_ms, .entry = std::move(entry)};
}

StampedEntry Deleted(LogEntry entry) { return Logged(std::move(entry), kDeletedMs, kRecords); }

// Without baskets: those that are open keep a dead item until they end, out of every answer.
std::unique_ptr<State> Learned(const std::vector<StampedEntry>& entries) {
  Settings settings;
  settings.pair_tables.clear();
  auto state = std::make_unique<State>(settings);
  for (const StampedEntry& entry : entries) state->Apply(entry);
  return state;
}

std::string DumpOf(const State& state) {
  std::ostringstream out;
  Dump(state, out);
  return out.str();
}

// Ten visits of users of their own, every second of the item "gone".
std::vector<StampedEntry> Visits() {
  std::vector<StampedEntry> entries;
  for (int i = 0; i < 10; ++i) {
    entries.push_back(Logged(MakeEvent("u" + std::to_string(i), "s" + std::to_string(i),
                                       i % 2 == 0 ? "gone" : "keep", kStartMs + i),
                             kStartMs + i));
  }
  return entries;
}

TEST(DeletesInAnyOrder, ADeletedItemIsTheSameWhicheverTopicIsReadFirst) {
  std::vector<StampedEntry> events_first = Visits();
  events_first.push_back(Deleted(DeleteItem{"gone"}));
  std::vector<StampedEntry> delete_first = Visits();
  delete_first.insert(delete_first.begin(), Deleted(DeleteItem{"gone"}));
  std::vector<StampedEntry> delete_between = Visits();
  delete_between.insert(delete_between.begin() + 5, Deleted(DeleteItem{"gone"}));

  const std::string expected = DumpOf(*Learned(events_first));
  EXPECT_EQ(expected.find("gone"), std::string::npos);
  EXPECT_EQ(DumpOf(*Learned(delete_first)), expected);
  EXPECT_EQ(DumpOf(*Learned(delete_between)), expected);
}

TEST(DeletesInAnyOrder, AnItemPutBeforeItsDeleteStaysDeleted) {
  const auto state = Learned({Deleted(DeleteItem{"lamp"}), Logged(PutItem{"lamp", {}}, kStartMs)});
  EXPECT_FALSE(state->catalog().Find("lamp").valid());
}

TEST(DeletesInAnyOrder, AClickAfterTheDeleteDoesNotBringAnItemBack) {
  const auto state =
      Learned({Logged(PutItem{"lamp", {}}, kStartMs, kRecords), Deleted(DeleteItem{"lamp"}),
               Logged(MakeEvent("late", "", "lamp", kDeletedMs + 1), kDeletedMs + 1)});
  EXPECT_FALSE(state->catalog().Find("lamp").valid());
  EXPECT_EQ(state->catalog().slot_count(), 1U);
  EXPECT_TRUE(state->FindUser({"late", ""}).valid());
  EXPECT_EQ(state->event_count(), 1U);
}

TEST(DeletesInAnyOrder, AnItemThatIsPutAgainCountsOnlyWhatIsLoggedSince) {
  const auto state =
      Learned({Deleted(DeleteItem{"lamp"}), Logged(PutItem{"lamp", {}}, kDeletedMs + 1, kRecords),
               Logged(MakeEvent("old", "", "lamp"), kStartMs),
               Logged(MakeEvent("new", "", "lamp", kDeletedMs + 2), kDeletedMs + 2)});
  const ItemId lamp = state->catalog().Find("lamp");
  ASSERT_TRUE(lamp.valid());
  EXPECT_EQ(state->popularity().Users(lamp), 1U);
}

TEST(DeletesInAnyOrder, AnErasedPersonLeavesNoTraceWhateverIsReadFirst) {
  std::vector<StampedEntry> others = Visits();
  others.insert(others.begin(), Deleted(DeleteUser{"ann"}));
  std::vector<StampedEntry> all = others;
  all.push_back(Logged(PutUser{"ann", {{"CITY", std::string("Ulm")}}}, kStartMs));
  all.push_back(Logged(MakeEvent("ann", "hers", "keep"), kStartMs));
  all.push_back(Logged(MakeEvent("ann", "", "secret"), kStartMs + 1));
  EXPECT_EQ(DumpOf(*Learned(all)), DumpOf(*Learned(others)));
  EXPECT_EQ(Learned(others)->Apply(Logged(MakeEvent("ann", "hers", "keep"), kStartMs)),
            Applied::kErased);
}

TEST(DeletesInAnyOrder, WhatAnErasedPersonDidBeforeTheLoginGoesAsWell) {
  const StampedEntry before = Logged(MakeEvent("", "hers", "lamp"), kStartMs, 2);
  const StampedEntry login = Logged(MakeEvent("ann", "hers", "desk"), kStartMs + 1);
  const StampedEntry erased = Deleted(DeleteUser{"ann"});
  for (const auto& order : {std::vector{erased, before, login}, std::vector{erased, login, before},
                            std::vector{before, login, erased}, std::vector{login, erased, before},
                            std::vector{before, erased, login}}) {
    const auto state = Learned(order);
    EXPECT_EQ(state->users().live_count(), 0U);
    EXPECT_EQ(state->sessions().live_count(), 0U);
    EXPECT_FALSE(state->FindUser({"ann", "hers"}).valid());
  }
}

TEST(DeletesInAnyOrder, AnErasedPersonMayComeBack) {
  const auto state =
      Learned({Deleted(DeleteUser{"ann"}), Logged(MakeEvent("ann", "", "lamp"), kStartMs),
               Logged(MakeEvent("ann", "", "desk", kDeletedMs), kDeletedMs)});
  const UserId ann = state->FindUser({"ann", ""});
  ASSERT_TRUE(ann.valid());
  EXPECT_EQ(state->users().HistoryOf(ann).entries().size(), 1U);
}

TEST(DeletesInAnyOrder, ARestartBetweenDeleteAndEventsForgetsNoDelete) {
  const auto first = Learned({Deleted(DeleteUser{"ann"}), Deleted(DeleteItem{"lamp"})});
  StoredRows stored;
  stored.Commit(first.get());
  auto loaded = stored.Load(Settings());
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  State& state = **loaded;
  state.Apply(Logged(MakeEvent("ann", "", "desk"), kStartMs));
  state.Apply(Logged(MakeEvent("bob", "", "lamp"), kStartMs));
  EXPECT_FALSE(state.FindUser({"ann", ""}).valid());
  EXPECT_FALSE(state.catalog().Find("lamp").valid());
  EXPECT_TRUE(state.FindUser({"bob", ""}).valid());
}

}  // namespace
}  // namespace freshet::core
