#include "tools/synthetic_stream.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace freshet::tools {
namespace {

std::vector<core::Event> Events(const SyntheticOptions& options) {
  SyntheticStream stream(options);
  std::vector<core::Event> events;
  for (core::Event event; stream.Next(&event);) events.push_back(event);
  return events;
}

std::uint64_t Fingerprint(const std::vector<core::Event>& events) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const core::Event& event : events) {
    const std::string text = event.user_id + '|' + event.session_id + '|' + event.item_id + '|' +
                             event.event_type + '|' + std::to_string(event.time_ms);
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  return hash;
}

std::map<std::string, std::size_t> NeighbourhoodOfItems(const SyntheticOptions& options) {
  std::map<std::string, std::size_t> neighbourhoods;
  for (const SyntheticItem& item : MakeItems(options)) neighbourhoods[item.id] = item.neighbourhood;
  return neighbourhoods;
}

TEST(SyntheticStream, TheSameSeedGivesTheSameEventsOnEveryPlatform) {
  const auto events = Events({.events = 5'000, .seed = 42});
  EXPECT_EQ(Fingerprint(events), Fingerprint(Events({.events = 5'000, .seed = 42})));
  EXPECT_NE(Fingerprint(events), Fingerprint(Events({.events = 5'000, .seed = 43})));
  EXPECT_EQ(Fingerprint(events), 9859027502471607004ULL);
}

TEST(SyntheticStream, GivesTheNumberOfEventsAskedForInTheOrderOfTimeWithinItsDays) {
  const SyntheticOptions options{.events = 20'000, .days = 7};
  const auto events = Events(options);
  ASSERT_EQ(events.size(), 20'000U);
  EXPECT_TRUE(std::is_sorted(events.begin(), events.end(),
                             [](const auto& a, const auto& b) { return a.time_ms < b.time_ms; }));
  EXPECT_GE(events.front().time_ms, options.start_ms);
  const std::int64_t span_ms = events.back().time_ms - options.start_ms;
  EXPECT_NEAR(static_cast<double>(span_ms) / 86'400'000.0, 7.0, 0.5);
}

TEST(SyntheticStream, PopularityIsSkewed) {
  std::map<std::string, int> counts;
  for (const auto& event : Events({.events = 50'000, .items = 1'000})) ++counts[event.item_id];
  std::vector<int> sorted;
  for (const auto& [item, count] : counts) sorted.push_back(count);
  std::sort(sorted.rbegin(), sorted.rend());
  int head = 0;
  for (std::size_t i = 0; i < 100; ++i) head += sorted[i];
  EXPECT_GT(head, 50'000 / 4);  // a tenth of the items draws over a quarter of the looks
}

TEST(SyntheticStream, SessionsGoFromAnItemToItsNeighbours) {
  const SyntheticOptions options{.events = 30'000};
  const auto neighbourhoods = NeighbourhoodOfItems(options);
  std::map<std::string, std::string> last;
  int moves = 0;
  int within = 0;
  for (const auto& event : Events(options)) {
    std::string& before = last[event.session_id];
    if (!before.empty() && before != event.item_id) {
      ++moves;
      within += neighbourhoods.at(before) == neighbourhoods.at(event.item_id) ? 1 : 0;
    }
    before = event.item_id;
  }
  EXPECT_GT(within, moves / 2);
}

TEST(SyntheticStream, SomeVisitorsAreAnonymousAndSomeOfTheseLogIn) {
  std::map<std::string, std::set<bool>> named;
  for (const auto& event : Events({.events = 30'000})) {
    EXPECT_FALSE(event.session_id.empty());
    named[event.session_id].insert(!event.user_id.empty());
  }
  std::size_t anonymous = 0;
  std::size_t joined = 0;
  for (const auto& [session, kinds] : named) {
    anonymous += kinds.contains(false) ? 1 : 0;
    joined += kinds.size() == 2 ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(anonymous) / static_cast<double>(named.size()), 0.25, 0.03);
  EXPECT_GT(joined, anonymous / 10);
  EXPECT_LT(joined, anonymous / 2);
}

TEST(SyntheticStream, ViewsLeadToCartsAndCartsToPurchases) {
  std::map<std::string, int> counts;
  for (const auto& event : Events({.events = 30'000})) {
    ++counts[event.event_type];
    EXPECT_EQ(event.value.has_value(), event.event_type == "purchase");
  }
  EXPECT_EQ(counts.size(), 3U);
  EXPECT_GT(counts["view"], counts["cart"] * 4);
  EXPECT_GT(counts["cart"], counts["purchase"]);
  EXPECT_GT(counts["purchase"], 300);
}

TEST(SyntheticStream, NobodySeesAnItemBeforeItsBirth) {
  const SyntheticOptions options{.events = 20'000, .newborn_percent = 40};
  std::map<std::string, std::int64_t> born;
  std::size_t newborn = 0;
  for (const SyntheticItem& item : MakeItems(options)) {
    born[item.id] = item.born_ms;
    newborn += item.born_ms > options.start_ms ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(newborn), 400, 60);
  std::set<std::string> newborn_seen;
  for (const auto& event : Events(options)) {
    EXPECT_GE(event.time_ms, born.at(event.item_id));
    if (born.at(event.item_id) > options.start_ms) newborn_seen.insert(event.item_id);
  }
  EXPECT_GT(newborn_seen.size(), newborn / 2);
}

TEST(SyntheticStream, WhatIsPopularChangesFromWeekToWeek) {
  const SyntheticOptions options{.events = 60'000, .items = 200, .days = 32};
  std::map<std::string, std::pair<int, int>> counts;
  for (const auto& event : Events(options)) {
    const auto day = (event.time_ms - options.start_ms) / 86'400'000;
    if (day < 4) ++counts[event.item_id].first;
    if (day >= 16 && day < 20) ++counts[event.item_id].second;
  }
  const auto moved = std::count_if(counts.begin(), counts.end(), [](const auto& pair) {
    const auto [less, more] = std::minmax(pair.second.first, pair.second.second);
    return more >= 20 && more > 2 * less;
  });
  EXPECT_GT(moved, 20);
}

TEST(SyntheticStream, ImpressionsHoldTheItemThatWasLookedAt) {
  for (const auto& event : Events({.events = 2'000, .impressions = true})) {
    if (event.event_type != "view") continue;
    ASSERT_EQ(event.impression.size(), 5U);
    EXPECT_NE(std::find(event.impression.begin(), event.impression.end(), event.item_id),
              event.impression.end());
  }
}

TEST(SyntheticStream, ASmallestShopWorks) {
  EXPECT_EQ(Events({.events = 100, .users = 1, .items = 1, .days = 1}).size(), 100U);
  EXPECT_EQ(Events({.events = 0}).size(), 0U);
}

TEST(SyntheticCatalogue, TitlesOfOneCategoryDiffer) {
  std::set<std::string> titles;
  const auto items = MakeItems({.items = 480});
  for (const SyntheticItem& item : items) titles.insert(item.title);
  EXPECT_GT(titles.size(), 470U);
}

}  // namespace
}  // namespace freshet::tools
