// Caps and answers under streams that no shop has: every structure stays within its cap, memory
// does not grow for ever, and every answer is a proper one.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/recipes/campaign.h"
#include "core/recipes/learner.h"
#include "core/recipes/recommend.h"
#include "core/state.h"
#include "tests/unit/core/event_stream.h"

namespace freshet::core {
namespace {

constexpr std::uint64_t kEvents = 30'000;
constexpr std::size_t kCount = 10;

Settings SmallCaps() {
  Settings settings;
  settings.campaigns = DefaultCampaigns();
  settings.maximum_history_items = 20;
  settings.maximum_session_items = 15;
  settings.maximum_users = 300;
  settings.maximum_sessions = 250;
  settings.maximum_postings = 12;
  settings.maximum_successors = 9;
  settings.maximum_items = 200;
  settings.maximum_event_ids = 100;
  settings.maximum_deletions = 100;
  settings.pair_tables = {
      {.name = "similar-items", .maximum_neighbours = 11, .maximum_basket_items = 13}};
  return settings;
}

std::string Name(char kind, std::uint64_t number) { return kind + std::to_string(number); }

using Stream = std::function<LogEntry(std::uint64_t number, std::mt19937* random)>;
struct Adversary {
  std::string name;
  Stream stream;
  friend void PrintTo(const Adversary& one, std::ostream* out) { *out << one.name; }
};

std::int64_t At(std::uint64_t number) {
  return kStartMs + static_cast<std::int64_t>(number) * 1000;
}

std::vector<Adversary> Adversaries() {
  return {
      {"OneUserDoesItAll",
       [](std::uint64_t n, std::mt19937* random) {
         return MakeEvent("u", Name('s', n / 50), Name('i', (*random)() % 500), At(n));
       }},
      {"OneItemInEverySession",
       [](std::uint64_t n, std::mt19937* random) {
         return MakeEvent("", Name('s', n / 3),
                          n % 3 == 0 ? "everywhere" : Name('i', (*random)() % 150), At(n));
       }},
      {"ASessionThatNeverEnds",
       [](std::uint64_t n, std::mt19937* random) {
         const bool endless = n % 2 == 0;
         return MakeEvent("", endless ? "endless" : Name('s', n), Name('i', (*random)() % 180),
                          At(n));
       }},
      {"ClocksRunBackwards",
       [](std::uint64_t n, std::mt19937* random) {
         return MakeEvent(Name('u', n % 70), Name('s', n % 90), Name('i', (*random)() % 180),
                          At(kEvents - n));
       }},
      {"EverythingIsNew",
       [](std::uint64_t n, std::mt19937*) {
         Event event = MakeEvent(Name('u', n), Name('s', n), Name('i', n), At(n));
         event.event_id = Name('e', n);
         return event;
       }},
      {"ItemsComeAndGo",
       [](std::uint64_t n, std::mt19937* random) -> LogEntry {
         const std::string item = Name('i', (*random)() % 180);
         if (n % 7 == 0) return DeleteItem{item};
         if (n % 7 == 1) return PutItem{item, {}};
         if (n % 31 == 0) return DeleteUser{Name('u', n % 40)};
         return MakeEvent(Name('u', n % 40), Name('s', n / 6), item, At(n));
       }},
      {"TheSameClickForEver",
       [](std::uint64_t n, std::mt19937*) { return MakeEvent("u", "s", "i", At(n)); }},
  };
}

class CapsTest : public testing::TestWithParam<Adversary> {};

void ExpectWithinCaps(const State& state) {
  const Settings& caps = state.settings();
  EXPECT_LE(state.catalog().live_count(), caps.maximum_items);
  EXPECT_LE(state.users().live_count(), caps.maximum_users);
  EXPECT_LE(state.sessions().live_count(), caps.maximum_sessions);
  for (std::uint32_t slot = 0; slot < state.sessions().slot_count(); ++slot) {
    EXPECT_LE(state.sessions().Items(SessionId{slot}).size(), caps.maximum_session_items);
  }
  for (std::uint32_t slot = 0; slot < state.users().slot_count(); ++slot) {
    EXPECT_LE(state.users().HistoryOf(UserId{slot}).entries().size(), caps.maximum_history_items);
  }
  const Cooccurrence& table = state.pair_tables().front();
  for (std::uint32_t slot = 0; slot < state.catalog().slot_count(); ++slot) {
    EXPECT_LE(table.NeighboursOf(ItemId{slot}).items.size(), table.settings().maximum_neighbours);
    EXPECT_LE(state.successions().Of(ItemId{slot}).items.size(), caps.maximum_successors);
    std::uint32_t postings = 0;
    for (auto at = state.session_index().Newest(ItemId{slot}); !at.at_end(); at.Advance()) {
      ++postings;
    }
    EXPECT_LE(postings, caps.maximum_postings);
  }
}

// `count` items when the catalogue has so many, each once, all of them live.
void ExpectProperAnswer(const State& state, const Campaign& campaign, const Query& query,
                        QueryScratch* scratch) {
  Recommend(state, campaign.recipe(), query, scratch);
  std::set<ItemId> items;
  for (const AnswerItem& item : scratch->answer) {
    EXPECT_TRUE(state.catalog().IsLive(item.item));
    EXPECT_TRUE(items.insert(item.item).second) << "twice";
    EXPECT_TRUE(std::isfinite(item.score));
  }
  EXPECT_LE(items.size(), kCount);
  // The item asked about or the one the visitor is at may be left out.
  const std::size_t least = std::min(state.catalog().live_count(), kCount + 1);
  EXPECT_GE(items.size() + 1, least) << campaign.settings().name;
}

std::size_t BytesOf(const State& state) {
  std::size_t bytes = 0;
  for (const auto& [structure, size] : state.BytesByStructure()) bytes += size;
  return bytes;
}

TEST_P(CapsTest, HoldAndAnswersAreProper) {
  State state(SmallCaps());
  Learner learner(&state);
  std::mt19937 random(7);
  QueryScratch scratch;
  std::vector<std::unique_ptr<Campaign>> campaigns;
  for (const CampaignSettings& settings : state.settings().campaigns) {
    if (settings.recipe == RecipeKind::kPersonalizedRanking) continue;
    if (settings.pair_table != "similar-items") continue;
    campaigns.push_back(std::make_unique<Campaign>(settings));
  }
  std::size_t half_bytes = 0;
  std::size_t half_slots = 0;
  for (std::uint64_t n = 0; n < kEvents; ++n) {
    LogEntry entry = GetParam().stream(n, &random);
    const auto* event = std::get_if<Event>(&entry);
    const std::string user = event == nullptr ? "" : event->user_id;
    const std::string session = event == nullptr ? "" : event->session_id;
    const std::string item = event == nullptr ? "" : event->item_id;
    learner.Apply({{0, n}, At(n), std::move(entry)});
    if (n == kEvents / 2) {
      half_bytes = BytesOf(state);
      half_slots = state.catalog().slot_count();
    }
    if (n % 997 == 0) ExpectWithinCaps(state);
    if (n % 101 != 0) continue;
    for (const auto& campaign : campaigns) {
      Query query{.visitor = {user, session}, .count = kCount};
      if (campaign->settings().recipe == RecipeKind::kSimilarItems) query.item = item;
      ExpectProperAnswer(state, *campaign, query, &scratch);
    }
  }
  ExpectWithinCaps(state);
  // What leaves gives its memory back, but for the slot of an item. Buffers differ in their
  // reserve.
  constexpr std::size_t kSlotBytes = 300;
  const std::size_t new_slots = state.catalog().slot_count() - half_slots;
  EXPECT_LT(BytesOf(state), half_bytes + half_bytes / 10 + kSlotBytes * new_slots);
}

INSTANTIATE_TEST_SUITE_P(Streams, CapsTest, testing::ValuesIn(Adversaries()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace freshet::core
