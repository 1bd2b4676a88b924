#include "core/state.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/dump.h"
#include "core/validate.h"
#include "tests/unit/core/event_stream.h"
#include "tests/unit/core/reopen.h"

namespace freshet::core {
namespace {

class StateTest : public testing::Test {
 protected:
  void Start(const Settings& settings) {
    state_ = std::make_unique<State>(settings);
    feed_ = std::make_unique<Feed>(state_.get());
  }

  void SetUp() override { Start(Settings()); }

  std::vector<std::string> HistoryOf(const Visitor& visitor) const {
    std::vector<std::string> names;
    const UserId user = state_->FindUser(visitor);
    if (!user.valid()) return {"nobody"};
    for (const auto& entry : state_->users().HistoryOf(user).entries()) {
      names.emplace_back(state_->catalog().Name(entry.item));
    }
    return names;
  }

  std::uint32_t Pair(std::string_view a, std::string_view b,
                     std::string_view table = "similar-items") const {
    const Neighbours row = state_->PairTable(table)->NeighboursOf(state_->catalog().Find(a));
    const auto other = state_->catalog().Find(b);
    const auto at = std::find(row.items.begin(), row.items.end(), other.value);
    return at == row.items.end() ? 0 : row.counts[static_cast<std::size_t>(at - row.items.begin())];
  }

  std::uint64_t Count(std::string_view item, std::string_view table = "similar-items") const {
    return state_->PairTable(table)->ItemCount(state_->catalog().Find(item));
  }

  using Names = std::vector<std::string>;
  std::unique_ptr<State> state_;
  std::unique_ptr<Feed> feed_;
};

TEST_F(StateTest, EventIsInTheHistoryOfItsUser) {
  feed_->Apply(MakeEvent("u", "s", "a"));
  feed_->Apply(MakeEvent("u", "s", "b", kStartMs + 1000));
  EXPECT_EQ(HistoryOf({"u", ""}), (Names{"b", "a"}));
  EXPECT_EQ(HistoryOf({"", "s"}), (Names{"b", "a"}));
}

TEST_F(StateTest, AnonymousSessionHasAHistoryUnderEitherName) {
  feed_->Apply(MakeEvent("", "s", "a"));
  EXPECT_EQ(HistoryOf({"", "s"}), (Names{"a"}));
  EXPECT_EQ(HistoryOf({"s", ""}), (Names{"a"})) << "Personalize takes a sessionId as userId";
}

TEST_F(StateTest, FirstEventWithBothIdsJoinsTheVisitorToTheUser) {
  feed_->Apply(MakeEvent("u", "old", "a", kStartMs));
  feed_->Apply(MakeEvent("", "s", "b", kStartMs + 1000));
  feed_->Apply(MakeEvent("", "s", "a", kStartMs + 2000));
  feed_->Apply(MakeEvent("u", "s", "c", kStartMs + 3000));
  EXPECT_EQ(HistoryOf({"u", ""}), (Names{"c", "a", "b"}));
  EXPECT_EQ(HistoryOf({"", "s"}), (Names{"c", "a", "b"}));
  EXPECT_EQ(state_->users().live_count(), 1U);
  EXPECT_EQ(Count("a"), 1U) << "one person, one count";
  EXPECT_EQ(Pair("a", "b"), 1U);
  EXPECT_EQ(Pair("a", "c"), 1U);
}

TEST_F(StateTest, AnonymousEventsOfAJoinedSessionBelongToTheUser) {
  feed_->Apply(MakeEvent("u", "s", "a"));
  feed_->Apply(MakeEvent("", "s", "b", kStartMs + 1));
  EXPECT_EQ(HistoryOf({"u", ""}), (Names{"b", "a"}));
}

TEST_F(StateTest, PauseCutsSessionsThatHaveNoName) {
  const std::int64_t gap = state_->settings().session_gap_ms;
  const std::int64_t received_ms = kStartMs + 3 * gap;
  feed_->Apply(MakeEvent("u", "", "a", kStartMs, "purchase"), received_ms);
  feed_->Apply(MakeEvent("u", "", "b", kStartMs + gap, "purchase"), received_ms);
  feed_->Apply(MakeEvent("u", "", "c", kStartMs + 2 * gap + 1, "purchase"), received_ms);
  EXPECT_EQ(state_->sessions().live_count(), 2U);
  EXPECT_EQ(Pair("a", "b", "bought-together"), 5U);
  EXPECT_EQ(Pair("b", "c", "bought-together"), 0U);
}

TEST_F(StateTest, BoughtTogetherCountsPurchasesOfOneSessionOnly) {
  feed_->Apply(MakeEvent("u", "s1", "a", kStartMs, "Purchase"));
  feed_->Apply(MakeEvent("u", "s1", "b", kStartMs, "PURCHASE"));
  feed_->Apply(MakeEvent("u", "s1", "c", kStartMs, "view"));
  feed_->Apply(MakeEvent("u", "s2", "d", kStartMs, "purchase"));
  EXPECT_EQ(Pair("a", "b", "bought-together"), 5U);
  EXPECT_EQ(Pair("a", "c", "bought-together"), 0U);
  EXPECT_EQ(Pair("a", "d", "bought-together"), 0U);
  EXPECT_EQ(Pair("a", "d"), 5U) << "similar-items goes by user";
}

TEST_F(StateTest, DuplicateEventIdCountsOnce) {
  Event event = MakeEvent("u", "s", "a");
  event.event_id = "e1";
  EXPECT_EQ(feed_->Apply(event), Applied::kLearned);
  event.item_id = "b";
  EXPECT_EQ(feed_->Apply(event), Applied::kDuplicate);
  EXPECT_EQ(HistoryOf({"u", ""}), (Names{"a"}));
  EXPECT_EQ(state_->event_count(), 1U);
}

TEST_F(StateTest, DeletedItemIsGoneAndMayComeBackNew) {
  feed_->Apply(MakeEvent("u", "s", "a"));
  feed_->Apply(MakeEvent("u", "s", "b"));
  feed_->Apply(DeleteItem{"a"});
  EXPECT_FALSE(state_->catalog().Find("a").valid());
  EXPECT_EQ(Pair("b", "a"), 0U);
  feed_->Apply(PutItem{"a", {}});
  feed_->Apply(MakeEvent("v", "t", "a"));
  EXPECT_EQ(Count("a"), 1U);
  EXPECT_EQ(Pair("b", "a"), 0U);
}

TEST_F(StateTest, DeletedUserTakesBackWhatTheOpenBasketTaught) {
  feed_->Apply(MakeEvent("u", "s", "a", kStartMs, "purchase"));
  feed_->Apply(MakeEvent("u", "s", "b", kStartMs, "purchase"));
  feed_->Apply(MakeEvent("v", "t", "a", kStartMs, "purchase"));
  feed_->Apply(DeleteUser{"u"});
  EXPECT_EQ(HistoryOf({"u", "s"}), (Names{"nobody"}));
  EXPECT_EQ(Pair("a", "b"), 0U);
  EXPECT_EQ(Pair("a", "b", "bought-together"), 0U);
  EXPECT_EQ(Count("a"), 5U);
  EXPECT_EQ(state_->sessions().live_count(), 1U);
}

TEST_F(StateTest, AWrongClockCountsAtMostAFewMinutesAhead) {
  feed_->Apply(MakeEvent("u", "s", "a", kMaximumTimeMs), kStartMs);
  EXPECT_EQ(state_->clock_ms(), kStartMs + 5 * 60'000);
}

TEST_F(StateTest, OneEventAheadHarmsNobodysTrend) {
  Start(Settings());
  State honest{Settings()};
  Feed honest_feed(&honest);
  const auto both = [&](const Event& event, std::int64_t received_ms) {
    feed_->Apply(event, received_ms);
    honest_feed.Apply(event, received_ms);
  };
  const std::int64_t now_ms = kStartMs + 24LL * 3600 * 1000;
  for (int i = 0; i < 3000; ++i) {
    const std::string number = std::to_string(i);
    both(MakeEvent("u" + number, "", "old" + std::to_string(i % 300), kStartMs + i), kStartMs + i);
  }
  feed_->Apply(MakeEvent("evil", "", "EVIL", now_ms + 365LL * 24 * 3600 * 1000), now_ms);
  for (int i = 0; i < 2000; ++i) {
    both(MakeEvent("v" + std::to_string(i), "", "hot" + std::to_string(i % 3), now_ms + i),
         now_ms + i);
  }
  const auto trend = [](const State& state, const char* item) {
    return state.popularity().Trend(state.catalog().Find(item), state.clock_ms());
  };
  for (const char* hot : {"hot0", "hot1", "hot2"}) {
    EXPECT_NEAR(trend(*state_, hot), trend(honest, hot), 0.05 * trend(honest, hot));
    EXPECT_GT(trend(*state_, hot), 10 * trend(*state_, "EVIL"));
  }
}

TEST_F(StateTest, LongestIdleUserGivesWayAtTheCap) {
  Settings settings;
  settings.maximum_users = 2;
  Start(settings);
  feed_->Apply(MakeEvent("u1", "", "a"));
  feed_->Apply(MakeEvent("u2", "", "a"));
  feed_->Apply(MakeEvent("u1", "", "b"));
  feed_->Apply(MakeEvent("u3", "", "a"));
  EXPECT_EQ(HistoryOf({"u2", ""}), (Names{"nobody"}));
  EXPECT_EQ(HistoryOf({"u1", ""}), (Names{"b", "a"}));
  EXPECT_EQ(state_->evictions().users, 1U);
  EXPECT_EQ(Count("a"), 3U) << "what it taught stays";
}

TEST_F(StateTest, LongestIdleSessionGivesWayAtTheCap) {
  Settings settings;
  settings.maximum_sessions = 2;
  Start(settings);
  for (const char* session : {"s1", "s2", "s3"}) feed_->Apply(MakeEvent("u", session, "a"));
  EXPECT_EQ(state_->sessions().live_count(), 2U);
  EXPECT_FALSE(state_->sessions().Find("s1").valid());
  EXPECT_EQ(state_->evictions().sessions, 1U);
}

TEST_F(StateTest, LongestIdleItemGivesWayAtTheCap) {
  Settings settings;
  settings.maximum_items = 2;
  Start(settings);
  for (const char* item : {"a", "b", "a", "c"}) feed_->Apply(MakeEvent("u", "s", item));
  EXPECT_FALSE(state_->catalog().Find("b").valid());
  EXPECT_TRUE(state_->catalog().Find("a").valid());
  EXPECT_EQ(state_->evictions().items, 1U);
}

TEST_F(StateTest, EvictionsAreCountedAcrossRestarts) {
  Settings settings;
  settings.maximum_event_ids = 1;
  settings.maximum_users = 1;
  Start(settings);
  for (const char* name : {"e1", "e2", "e3"}) {
    Event event = MakeEvent(name, "", "a");
    event.event_id = name;
    feed_->Apply(event);
  }
  StoredRows stored;
  stored.Commit(state_.get());
  const auto loaded = stored.Load(settings);
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(state_->evictions().event_ids, 2U);
  EXPECT_EQ((*loaded)->evictions().event_ids, 2U);
  EXPECT_EQ((*loaded)->evictions().users, 2U);
}

TEST_F(StateTest, ManyEventTypesDoNotFillMemoryNorChangeWeights) {
  for (int i = 0; i < 5000; ++i) {
    feed_->Apply(MakeEvent("u", "s", "a", kStartMs, "type" + std::to_string(i)));
  }
  feed_->Apply(MakeEvent("v", "t", "a", kStartMs, "purchase"));
  EXPECT_EQ(Count("a"), 1U + 5U);
}

TEST_F(StateTest, EmptyStoreLoadsAsEmptyState) {
  const StoredRows stored;
  ASSERT_TRUE(stored.Load(Settings()).has_value());
}

TEST_F(StateTest, RowsOfATableNoLongerConfiguredArePassedOver) {
  feed_->Apply(MakeEvent("u", "s", "a"));
  feed_->Apply(MakeEvent("u", "s", "b"));
  StoredRows stored;
  stored.Commit(state_.get());
  Settings settings;
  settings.pair_tables.clear();
  ASSERT_TRUE(stored.Load(settings).has_value());
}

TEST_F(StateTest, EveryCutRowIsRefused) {
  Event event = MakeEvent("u", "", "a");
  event.event_id = "e";
  feed_->Apply(event);
  feed_->Apply(MakeEvent("", "s", "b"));
  feed_->Apply(PutItem{"a", {{"GENRES", "x|y"}, {"PRICE", *Number::Parse("2.5")}, {"NEW", true}}});
  feed_->Apply(PutUser{"u", {{"AGE", *Number::Parse("30")}}});
  StoredRows stored;
  stored.Commit(state_.get());
  for (auto& [key, value] : stored.rows()) {
    const std::string whole = value;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      value = whole.substr(0, size);
      const auto loaded = stored.Load(Settings());
      ASSERT_FALSE(loaded.has_value()) << TableName(key.first) << " cut to " << size;
      EXPECT_EQ(loaded.error().code, ErrorCode::kCorruption);
    }
    value = whole;
  }
  EXPECT_TRUE(stored.Load(Settings()).has_value());
}

TEST_F(StateTest, SecondCheckpointHoldsOnlyWhatChanged) {
  for (int i = 0; i < 1000; ++i) {
    feed_->Apply(MakeEvent("u" + std::to_string(i), "", "a" + std::to_string(i)));
  }
  RowBatch first;
  TakeAllRows(state_.get(), &first);
  feed_->Apply(MakeEvent("u1", "", "a2"));
  RowBatch second;
  TakeAllRows(state_.get(), &second);
  EXPECT_LT(second.size(), 15U);
  RowBatch third;
  TakeAllRows(state_.get(), &third);
  EXPECT_EQ(third.size(), 0U);
}

}  // namespace
}  // namespace freshet::core
