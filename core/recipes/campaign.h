// Campaign: a named recipe with its parameters: what a client asks for.
//
// Immutable after construction; shared by all threads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/recipes/recipe.h"
#include "core/result.h"
#include "core/similarity.h"

namespace freshet::core {

enum class RecipeKind {
  kSimilarItems,
  kUserPersonalization,
  kPersonalizedRanking,
  kPopularityCount,
  kTrendingNow,
};
std::optional<RecipeKind> ParseRecipeKind(std::string_view name);  // "similar-items", ...
std::string_view RecipeKindName(RecipeKind kind);

struct CampaignSettings {
  std::string name;
  RecipeKind recipe = RecipeKind::kUserPersonalization;
  std::string pair_table = "similar-items";  // recipes that use co-occurrence
  Measure measure = Measure::kCosine;
  std::uint32_t minimum_count = 1;  // pairs seen less often do not count
  double popularity_discount =
      0.0;  // 0 to 1: a candidate's score is divided by its count to this power
  std::uint32_t recent_items = 20;  // of the user's history and session that speak for candidates
  bool recommend_seen = false;      // false: items in the user's history are left out
};

// similar-items, user-personalization, personalized-ranking, popularity-count, trending-now, and
// bought-together (similar-items over the table of that name).
std::vector<CampaignSettings> DefaultCampaigns();

class Campaign {
 public:
  // REQUIRES: settings.pair_table names a table of the state it is used with (checked by config).
  explicit Campaign(CampaignSettings settings);

  [[nodiscard]] const CampaignSettings& settings() const { return settings_; }
  [[nodiscard]] const Recipe& recipe() const { return *recipe_; }

 private:
  CampaignSettings settings_;
  std::unique_ptr<const Recipe> recipe_;
};

}  // namespace freshet::core
