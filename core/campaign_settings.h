// CampaignSettings: the parameters of a campaign, as the operator's file or the API gives them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/blend.h"
#include "core/similarity.h"

namespace freshet::core {

enum class RecipeKind {
  kSimilarItems,
  kUserPersonalization,
  kPersonalizedRanking,
  kPopularityCount,
  kTrendingNow,
  kSession,
  kFactors,
};
std::optional<RecipeKind> ParseRecipeKind(std::string_view name);  // "similar-items", ...
std::string_view RecipeKindName(RecipeKind kind);

// Which of the items that the visitor touched are left out of the answers.
enum class LeaveOut {
  kNone,
  kCurrent,  // the newest
  kSeen,     // all of the history and the session
};

std::string_view LeaveOutName(LeaveOut leave_out);  // "none", "current", "seen"

struct CampaignSettings {
  std::string name;
  RecipeKind recipe = RecipeKind::kUserPersonalization;
  std::string pair_table = "similar-items";  // recipes that use co-occurrence
  Measure measure = Measure::kCosine;
  std::uint32_t minimum_count = 1;   // pairs seen less often do not count; 0 means 1
  double popularity_discount = 0.0;  // 0 to 1: a candidate's score is divided by its count to this
  std::uint32_t recent_items = 20;   // of the visitor's that speak for candidates, at most 200
  LeaveOut leave_out = LeaveOut::kCurrent;  // session, user-personalization and factors
  std::uint32_t sample = 500;      // newest sessions with an item in common that are compared
  std::uint32_t neighbours = 100;  // the most similar of them, which speak
  // similar-items: how much likeness by metadata counts beside co-occurrence for an item without
  // history; 0: not at all.
  double content_weight = 1.0;
  // user-personalization, personalized-ranking: how much the factors of the generation that is
  // served, if any, count; 0: not at all.
  double factors_weight = 0.4;
  // user-personalization: the share of an answer's places that goes to new items, and how old those
  // may be.
  double exploration_weight = 0.05;
  std::int64_t exploration_item_age_cut_off_ms = 30LL * 24 * 3600 * 1000;
  // user-personalization: weights that are not learned but given; those not named are 0.
  std::optional<BlendVector> weights = {};
};

// True when its answers depend on the generation of factors that a query brings.
bool UsesFactors(const CampaignSettings& campaign);

// similar-items, user-personalization, personalized-ranking, popularity-count, trending-now,
// session, factors, and bought-together (similar-items over the table of that name).
std::vector<CampaignSettings> DefaultCampaigns();

}  // namespace freshet::core
