// The live index of sessions against one that is built from scratch.
#include "core/session_index.h"

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/state.h"
#include "tests/unit/core/event_stream.h"
#include "tests/unit/core/reopen.h"

namespace freshet::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::uint32_t> NumbersOf(const SessionIndex& index, ItemId item) {
  std::vector<std::uint32_t> numbers;
  for (SessionIndex::Cursor at = index.Newest(item); !at.at_end(); at.Advance()) {
    numbers.push_back(at.number());
  }
  return numbers;
}

SessionNumber Number(std::uint64_t number) { return SessionNumber{number}; }

TEST(SessionIndex, KeepsTheNewestSessionsInWhateverOrderTheyCome) {
  Settings settings;
  settings.maximum_postings = 3;
  SessionIndex index(settings);
  const ItemId item{7};
  for (const std::uint64_t number : {5, 2, 9, 9, 7, 1}) index.Add(item, Number(number));
  EXPECT_THAT(NumbersOf(index, item), ElementsAre(9, 7, 5));
  EXPECT_EQ(index.SessionCount(item), 4U) << "1 is older than all that are kept";
  EXPECT_THAT(NumbersOf(index, ItemId{8}), IsEmpty());
}

TEST(SessionIndex, NumbersMayPass32Bits) {
  const Settings settings;
  SessionIndex index(settings);
  const std::uint64_t wrap = 1ULL << 32;
  for (const std::uint64_t number : {wrap - 1, wrap + 1, wrap})
    index.Add(ItemId{0}, Number(number));
  EXPECT_THAT(NumbersOf(index, ItemId{0}), ElementsAre(1, 0, 0xFFFFFFFF));
}

TEST(SessionIndex, AnErasedItemIsInNoSession) {
  const Settings settings;
  SessionIndex index(settings);
  index.Add(ItemId{0}, Number(1));
  index.Erase(ItemId{0});
  EXPECT_THAT(NumbersOf(index, ItemId{0}), IsEmpty());
  EXPECT_EQ(index.SessionCount(ItemId{0}), 0U);
}

// A stream of interleaved sessions, some of them by the same user, some without a name.
std::vector<Event> Stream(unsigned seed, int count) {
  std::mt19937 random(seed);
  std::vector<Event> events;
  std::int64_t time_ms = kStartMs;
  for (int i = 0; i < count; ++i) {
    time_ms += random() % 60'000;
    const auto visitor = static_cast<unsigned>(random() % 30) + static_cast<unsigned>(i) / 100;
    const std::string user = visitor % 3 == 0 ? "" : "user-" + std::to_string(visitor % 20);
    const std::string session =
        visitor % 5 == 0 && !user.empty() ? "" : "session-" + std::to_string(visitor);
    const std::string item = "item-" + std::to_string(random() % 10 * (random() % 4));
    events.push_back(MakeEvent(user, session, item, time_ms));
  }
  return events;
}

class LiveIndex : public testing::TestWithParam<unsigned> {};

TEST_P(LiveIndex, EqualsABuildFromTheSessions) {
  Settings settings;
  settings.maximum_postings = 12;
  State state(settings);
  Feed feed(&state);
  for (const Event& event : Stream(GetParam(), 2000)) feed.Apply(event);

  std::map<std::uint32_t, std::set<std::uint64_t>> sessions_of_item;
  const Sessions& sessions = state.sessions();
  for (std::uint32_t slot = 0; slot < sessions.slot_count(); ++slot) {
    if (!sessions.IsLive(SessionId{slot})) continue;
    const auto number = static_cast<std::uint64_t>(sessions.Number(SessionId{slot}));
    EXPECT_EQ(sessions.WithNumber(static_cast<std::uint32_t>(number)), SessionId{slot});
    for (const ItemId item : sessions.Items(SessionId{slot})) {
      sessions_of_item[item.value].insert(number);
    }
  }
  ASSERT_FALSE(sessions_of_item.empty());
  for (const auto& [item, numbers] : sessions_of_item) {
    std::vector<std::uint32_t> newest;
    for (auto it = numbers.rbegin(); it != numbers.rend() && newest.size() < 12; ++it) {
      newest.push_back(static_cast<std::uint32_t>(*it));
    }
    EXPECT_EQ(NumbersOf(state.session_index(), ItemId{item}), newest);
    EXPECT_GE(state.session_index().SessionCount(ItemId{item}), newest.size());
  }
}

TEST_P(LiveIndex, IsTheSameAfterCheckpointsAndRestarts) {
  Settings settings;
  settings.maximum_postings = 5;
  settings.maximum_sessions = 40;
  const std::vector<Event> events = Stream(GetParam(), 1500);
  State whole(settings);
  Feed whole_feed(&whole);
  auto reopened = std::make_unique<State>(settings);
  auto reopened_feed = std::make_unique<Feed>(reopened.get());
  StoredRows stored;
  for (std::size_t i = 0; i < events.size(); ++i) {
    whole_feed.Apply(events[i]);
    reopened_feed->Apply(events[i]);
    if (i % 300 != 299) continue;
    stored.Commit(reopened.get());
    auto loaded = stored.Load(settings);
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    reopened = std::move(*loaded);
    reopened_feed = std::make_unique<Feed>(reopened.get());
  }
  EXPECT_EQ(whole.sessions().next_number(), reopened->sessions().next_number());
  for (std::uint32_t slot = 0; slot < whole.catalog().slot_count(); ++slot) {
    EXPECT_EQ(NumbersOf(whole.session_index(), ItemId{slot}),
              NumbersOf(reopened->session_index(), ItemId{slot}));
  }
  const auto newest = static_cast<std::uint32_t>(whole.sessions().next_number());
  for (std::uint32_t number = 0; number < newest; ++number) {
    EXPECT_EQ(whole.sessions().WithNumber(number), reopened->sessions().WithNumber(number));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, LiveIndex, testing::Range(1U, 6U));

TEST(SessionNumbers, ASessionThatNeverEndsGivesWayToManyOthers) {
  Settings settings;
  settings.maximum_sessions = 4;
  State state(settings);
  Feed feed(&state);
  feed.Apply(MakeEvent("", "endless", "a"));
  std::size_t lived = 0;
  for (int i = 0; i < 100 && state.FindSession({"", "endless"}).valid(); ++i) {
    feed.Apply(MakeEvent("", "s" + std::to_string(i), "b", kStartMs + i));
    if (state.FindSession({"", "endless"}).valid())
      feed.Apply(MakeEvent("", "endless", "c", kStartMs + i));
    ++lived;
  }
  EXPECT_EQ(lived, 32U) << "eight times the cap";
  EXPECT_FALSE(state.FindSession({"", "endless"}).valid());
}

}  // namespace
}  // namespace freshet::core
