// The shop of the synthetic stream: items with readable titles and categories, and users with
// tastes.
//
// A pure function of its options, the same on every platform. Items of one category that lie side
// by side form neighbourhoods ("goes with"): who looks at one is likely to look at another next,
// which is what a recommender can learn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace freshet::tools {

struct SyntheticOptions {
  std::uint64_t events = 100'000;
  std::size_t users = 2'000;
  std::size_t items = 1'000;
  std::uint64_t seed = 1;
  unsigned days = 14;
  std::int64_t start_ms = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
  unsigned anonymous_percent = 25;            // of sessions
  unsigned login_percent = 30;                // of anonymous sessions that last long enough
  unsigned newborn_percent = 15;              // of items: born while the stream runs
  bool impressions = false;                   // views say what else was on the page
};

struct SyntheticItem {
  std::string id;
  std::string title;
  std::size_t category = 0;
  std::size_t neighbourhood = 0;
  std::uint64_t price_cents = 0;
  std::int64_t born_ms = 0;
};

struct SyntheticUser {
  std::string id;
  std::string membership;
  std::string country;
  std::vector<std::size_t> favourites;  // categories, the dearest first
};

// How many categories a catalogue of that many items has.
std::size_t CategoryCount(std::size_t items);

// "Audio", "Kitchen", ... and further ones by number.
std::string CategoryName(std::size_t category);

// Items are ordered by category and by neighbourhood within it.
std::vector<SyntheticItem> MakeItems(const SyntheticOptions& options);
std::vector<SyntheticUser> MakeUsers(const SyntheticOptions& options);

}  // namespace freshet::tools
