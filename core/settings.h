// What State is told about how to learn and how much to keep. Plain values with their defaults; the
// config folder fills them from the operator's file and checks the ranges.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/campaign_settings.h"

namespace freshet::core {

// How strongly an event of a type counts; see core/event_weight.h. Types are compared without
// regard to case. An event of weight 0 was seen: it is in the user's history and teaches no liking.
struct EventWeights {
  std::vector<std::pair<std::string, std::uint32_t>> by_type = {
      {"view", 1}, {"cart", 3}, {"purchase", 5}};
  std::uint32_t other = 1;  // any type not listed
  // An event of the type whose value is below this has the weight 0.
  std::vector<std::pair<std::string, double>> value_thresholds = {};
};

// Whose events lie in one basket together.
enum class BasketScope { kUser, kSession };

// One co-occurrence table. A basket is everything one owner (a user, or a session) touched with no
// pause longer than `window_ms`; each pair of items in a basket counts min(weight, weight).
struct PairTableSettings {
  std::string name = {};
  std::vector<std::string> event_types = {};  // empty: all
  BasketScope scope = BasketScope::kUser;
  std::int64_t window_ms = 0;                // 0: no pause ends a basket
  std::uint32_t maximum_neighbours = 200;    // of one item; the weakest gives way (Space-Saving)
  std::uint32_t maximum_basket_items = 100;  // the item touched longest ago leaves the basket
};

struct Settings {
  // Those of user-personalization learn their blend, unless it is given.
  std::vector<CampaignSettings> campaigns = {};

  EventWeights event_weights;
  std::vector<PairTableSettings> pair_tables = {
      {.name = "similar-items"},
      {.name = "bought-together", .event_types = {"purchase"}, .scope = BasketScope::kSession}};

  std::uint32_t maximum_history_items = 200;       // of one user, distinct
  std::uint32_t maximum_session_items = 100;       // of one session, in order
  std::int64_t session_gap_ms = 30LL * 60 * 1000;  // parts events without a sessionId
  std::uint32_t maximum_users = 10'000'000;    // and anonymous visitors; the longest idle leaves
  std::uint32_t maximum_sessions = 2'000'000;  // the longest idle leaves
  std::uint32_t maximum_postings = 1000;       // sessions kept of one item; the newest
  std::uint32_t maximum_successors = 100;      // of one item; the weakest gives way
  std::uint32_t maximum_items = 5'000'000;     // the one touched longest ago leaves

  std::int64_t popularity_half_life_ms = 7LL * 24 * 3600 * 1000;
  std::int64_t trend_half_life_ms = 2LL * 3600 * 1000;
  double trend_prior = 5.0;            // events added to both rates, so that one event is no trend
  std::uint32_t popular_items = 1000;  // length of the overall popular list
  std::uint32_t popular_items_per_category = 200;
  std::uint32_t maximum_categories = 20'000;  // category values with a list; later ones have none
  std::uint32_t maximum_categories_per_item = 16;
  std::vector<std::string> category_columns = {
      "CATEGORY", "CATEGORIES", "CATEGORY_L1", "CATEGORY_L2", "CATEGORY_L3", "GENRE", "GENRES"};
  // Columns of users whose values, split at |, are audiences with a demand of their own.
  std::vector<std::string> audience_columns = {"AGE_GROUP", "GENDER",     "COUNTRY", "REGION",
                                               "LANGUAGE",  "OCCUPATION", "SEGMENT"};
  std::uint32_t maximum_audiences =
      1000;  // values with a demand of their own; later ones have none

  // What tells how alike two items are: category values and the words of these columns.
  std::vector<std::string> text_columns = {"BRAND",        "TITLE",     "NAME",
                                           "PRODUCT_NAME", "ITEM_NAME", "DESCRIPTION"};
  std::uint32_t maximum_terms_per_item = 32;  // the first ones; at most kMaximumTermsPerItem

  // A blend learns from one event in so many; while it is young from more of them. 0: from none.
  std::uint32_t events_per_lesson = 256;

  std::uint32_t maximum_event_ids = 1'000'000;  // remembered for duplicates; the oldest leaves
  std::int64_t event_id_window_ms = 24LL * 3600 * 1000;  // how long an eventId is remembered
  // Deleted names remembered of each kind (items, users, visitors); the oldest is forgotten.
  std::uint32_t maximum_deletions = 1'000'000;
  // An event's time counts as at most this far after the log received it, so that one wrong clock
  // cannot age everybody else's popularity and trend.
  std::int64_t maximum_future_ms = 5LL * 60 * 1000;
};

}  // namespace freshet::core
