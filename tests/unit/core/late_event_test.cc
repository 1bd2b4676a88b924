// Events that are heard of after later ones.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/recipes/campaign.h"
#include "core/recipes/recent_items.h"
#include "tests/unit/core/event_stream.h"
#include "tests/unit/core/taught_state.h"

namespace freshet::core {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kHour = 3600 * kSecond;
constexpr std::int64_t kDay = 24 * kHour;

struct Touched {
  std::string session;
  std::string item;
  std::int64_t time_ms;
};

void Learn(State* state, const std::string& user, const std::vector<Touched>& touches) {
  Feed feed(state);
  for (const Touched& one : touches) {
    feed.Apply(MakeEvent(user, one.session, one.item, kStartMs + one.time_ms), kStartMs + kDay);
  }
}

std::vector<std::string> ItemsOf(const State& state, SessionId session) {
  std::vector<std::string> names;
  if (!session.valid()) return names;
  for (const ItemId item : state.sessions().Items(session)) {
    names.emplace_back(state.catalog().Name(item));
  }
  return names;
}

// What follows what, by name.
std::map<std::string, std::uint32_t> SuccessionsIn(const State& state) {
  std::map<std::string, std::uint32_t> counts;
  for (std::uint32_t slot = 0; slot < state.catalog().slot_count(); ++slot) {
    const Successions::Followers row = state.successions().Of(ItemId{slot});
    for (std::size_t i = 0; i < row.items.size(); ++i) {
      if (row.counts[i] == 0) continue;
      counts[std::string(state.catalog().Name(ItemId{slot})) + " then " +
             std::string(state.catalog().Name(ItemId{row.items[i]}))] = row.counts[i];
    }
  }
  return counts;
}

TEST(LateEvent, WithoutASessionIdIsNotWhatTheUserDoesNow) {
  for (const std::int64_t late_ms : {40 * kDay, kDay, kHour, 60 * kSecond}) {
    SCOPED_TRACE(late_ms);
    State state{Settings()};
    for (int other = 0; other < 5; ++other) {
      const std::string number = std::to_string(other);
      Learn(&state, "old" + number, {{"", "old", -50 * kDay}, {"", "beside old", -50 * kDay}});
      Learn(&state, "new" + number, {{"", "now", -kHour}, {"", "beside now", -kHour}});
    }
    Learn(&state, "ann", {{"", "now", 0}, {"", "old", -late_ms}});

    const SessionId present = state.FindSession(User("ann"));
    EXPECT_EQ(ItemsOf(state, present).back(), "now");
    EXPECT_EQ(state.sessions().LastTimeMs(present), kStartMs);
    EXPECT_EQ(ItemsOf(state, present).size(), late_ms > kHour / 2 ? 1U : 2U);
    EXPECT_EQ(SuccessionsIn(state).count("now then old"), 0U);
    QueryScratch scratch;
    const CampaignSettings mix{.name = "user-personalization"};
    Recommend(state, Campaign(mix).recipe(), {.visitor = User("ann"), .count = 5}, &scratch);
    ASSERT_FALSE(scratch.answer.empty());
    EXPECT_EQ(state.catalog().Name(scratch.answer[0].item), "beside now");
    for (const AnswerItem& one : scratch.answer) {
      EXPECT_NE(state.catalog().Name(one.item), "now") << "the current item";
    }
  }
}

TEST(LateEvent, WithoutASessionIdGoesOnWithTheSessionOfItsOwnTime) {
  State state{Settings()};
  Learn(&state, "ann",
        {{"", "a", 0},
         {"", "c", kDay},
         {"", "b", 10 * kSecond},
         {"", "before a", -10 * kSecond},
         {"", "d", kDay + 10 * kSecond},
         {"", "between", 12 * kHour}});
  std::vector<std::vector<std::string>> sessions;
  for (std::uint32_t slot = 0; slot < state.sessions().slot_count(); ++slot) {
    sessions.push_back(ItemsOf(state, SessionId{slot}));
  }
  EXPECT_THAT(sessions, ElementsAre(ElementsAre("before a", "a", "b"), ElementsAre("c", "d"),
                                    ElementsAre("between")));
  EXPECT_THAT(ItemsOf(state, state.FindSession(User("ann"))), ElementsAre("c", "d"));
}

TEST(LateEvent, TheGapCountsFromTheSessionsFirstEventBackwards) {
  State state{Settings()};
  const std::int64_t gap = state.settings().session_gap_ms;
  std::vector<Touched> touches;
  for (int i = 0; i < 5; ++i) touches.push_back({"", "a" + std::to_string(i), i * gap});
  touches.push_back({"", "within", gap / 2});
  touches.push_back({"", "gap before", -gap});
  Learn(&state, "ann", touches);
  EXPECT_THAT(ItemsOf(state, state.FindSession(User("ann"))),
              ElementsAre("gap before", "a0", "within", "a1", "a2", "a3", "a4"));
  Learn(&state, "ann", {{"", "apart", -2 * gap - 1000}});
  EXPECT_EQ(state.sessions().live_count(), 2U);
}

TEST(LateEvent, DoesNotReorderItsSession) {
  State state{Settings()};
  Learn(&state, "ann",
        {{"s", "b", 20 * kSecond}, {"s", "d", 40 * kSecond}, {"s", "c", 30 * kSecond}});
  const SessionId session = state.FindSession({"ann", "s"});
  EXPECT_THAT(ItemsOf(state, session), ElementsAre("b", "c", "d"));
  Learn(&state, "ann", {{"s", "a", -40 * kDay}, {"s", "e", 40 * kSecond}});
  EXPECT_THAT(ItemsOf(state, session), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_EQ(state.sessions().LastTimeMs(session), kStartMs + 40 * kSecond);
}

TEST(LateEvent, InAnotherSessionDoesNotMakeThatThePresentOne) {
  State state{Settings()};
  Learn(&state, "ann", {{"now", "a", 0}, {"old", "b", -kDay}});
  EXPECT_THAT(ItemsOf(state, state.FindSession(User("ann"))), ElementsAre("a"));
}

TEST(LateEvent, LeavesAFullSessionAtItsPlace) {
  Settings settings;
  settings.maximum_session_items = 3;
  State state(settings);
  Learn(&state, "ann",
        {{"s", "b", 2 * kSecond},
         {"s", "d", 4 * kSecond},
         {"s", "e", 5 * kSecond},
         {"s", "c", 3 * kSecond},
         {"s", "a", 1 * kSecond}});
  EXPECT_THAT(ItemsOf(state, state.FindSession(User("ann"))), ElementsAre("c", "d", "e"));
}

TEST(LateEvent, TeachesTheSameSuccessionsInEveryOrder) {
  std::vector<Touched> touches;
  for (int i = 0; i < 7; ++i) touches.push_back({"s", std::string(1, "abcdefg"[i]), i * kSecond});
  State in_order{Settings()};
  Learn(&in_order, "ann", touches);
  const auto expected = SuccessionsIn(in_order);
  std::vector<std::size_t> order = {0, 1, 2, 3, 4, 5, 6};
  do {
    std::vector<Touched> shuffled;
    for (const std::size_t i : order) shuffled.push_back(touches[i]);
    State state{Settings()};
    Learn(&state, "ann", shuffled);
    ASSERT_EQ(SuccessionsIn(state), expected) << testing::PrintToString(order);
    ASSERT_EQ(ItemsOf(state, state.FindSession(User("ann"))).size(), 7U);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(LateEvent, BeyondABasketsWindowIsABasketOfItsOwn) {
  Settings settings;
  settings.pair_tables = {{.name = "hour", .window_ms = kHour}};
  State state(settings);
  Learn(&state, "ann", {{"", "a", 0}, {"", "old", -kDay}, {"", "b", kSecond}});
  const Cooccurrence& table = *state.PairTable("hour");
  EXPECT_TRUE(table.NeighboursOf(state.catalog().Find("old")).items.empty());
  EXPECT_EQ(table.ItemCount(state.catalog().Find("old")), 1U);
  EXPECT_EQ(table.NeighboursOf(state.catalog().Find("a")).items.size(), 1U);
  EXPECT_EQ(table.BasketCount(), 2U);
}

}  // namespace
}  // namespace freshet::core
