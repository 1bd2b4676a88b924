// CampaignSettings: the parameters of a campaign, as the operator's file or the API gives them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/similarity.h"

namespace freshet::core {

enum class RecipeKind {
  kSimilarItems,
  kUserPersonalization,
  kPersonalizedRanking,
  kPopularityCount,
  kTrendingNow,
  kSession,
};
std::optional<RecipeKind> ParseRecipeKind(std::string_view name);  // "similar-items", ...
std::string_view RecipeKindName(RecipeKind kind);

struct CampaignSettings {
  std::string name;
  RecipeKind recipe = RecipeKind::kUserPersonalization;
  std::string pair_table = "similar-items";  // recipes that use co-occurrence
  Measure measure = Measure::kCosine;
  std::uint32_t minimum_count = 1;   // pairs seen less often do not count; 0 means 1
  double popularity_discount = 0.0;  // 0 to 1: a candidate's score is divided by its count to this
  std::uint32_t recent_items = 20;   // of the visitor's that speak for candidates, at most 200
  bool recommend_seen = false;       // false: items in the user's history are left out
  bool recommend_current = false;    // session: whether the newest item may come again
  std::uint32_t sample = 500;        // session: newest sessions with an item in common, compared
  std::uint32_t neighbours = 100;    // session: the most similar of them, which speak
};

// similar-items, user-personalization, personalized-ranking, popularity-count, trending-now,
// session (which recommends what was seen, but for the current item), and bought-together
// (similar-items over the table of that name).
std::vector<CampaignSettings> DefaultCampaigns();

}  // namespace freshet::core
