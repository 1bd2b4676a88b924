#include "core/recipes/campaign.h"

#include <array>
#include <utility>

#include "core/recipes/factors.h"
#include "core/recipes/personalized_ranking.h"
#include "core/recipes/popularity_count.h"
#include "core/recipes/session.h"
#include "core/recipes/similar_items.h"
#include "core/recipes/trending_now.h"
#include "core/recipes/user_personalization.h"

namespace freshet::core {

namespace {

constexpr std::array<std::pair<RecipeKind, std::string_view>, 7> kRecipeKinds = {{
    {RecipeKind::kSimilarItems, "similar-items"},
    {RecipeKind::kUserPersonalization, "user-personalization"},
    {RecipeKind::kPersonalizedRanking, "personalized-ranking"},
    {RecipeKind::kPopularityCount, "popularity-count"},
    {RecipeKind::kTrendingNow, "trending-now"},
    {RecipeKind::kSession, "session"},
    {RecipeKind::kFactors, "factors"},
}};

std::unique_ptr<const Recipe> MakeRecipe(const CampaignSettings& settings) {
  switch (settings.recipe) {
    case RecipeKind::kSimilarItems:
      return std::make_unique<SimilarItems>(settings);
    case RecipeKind::kPersonalizedRanking:
      return std::make_unique<PersonalizedRanking>(settings);
    case RecipeKind::kPopularityCount:
      return std::make_unique<PopularityCount>();
    case RecipeKind::kTrendingNow:
      return std::make_unique<TrendingNow>();
    case RecipeKind::kSession:
      return std::make_unique<SessionRecipe>(settings);
    case RecipeKind::kFactors:
      return std::make_unique<Factors>(settings);
    case RecipeKind::kUserPersonalization:
      break;
  }
  return std::make_unique<UserPersonalization>(settings);
}

}  // namespace

std::optional<RecipeKind> ParseRecipeKind(std::string_view name) {
  for (const auto& [kind, text] : kRecipeKinds) {
    if (text == name) return kind;
  }
  return std::nullopt;
}

std::string_view RecipeKindName(RecipeKind kind) {
  for (const auto& [known, text] : kRecipeKinds) {
    if (known == kind) return text;
  }
  return {};
}

std::string_view LeaveOutName(LeaveOut leave_out) {
  switch (leave_out) {
    case LeaveOut::kNone:
      return "none";
    case LeaveOut::kCurrent:
      return "current";
    case LeaveOut::kSeen:
      return "seen";
  }
  return {};
}

bool UsesFactors(const CampaignSettings& campaign) {
  switch (campaign.recipe) {
    case RecipeKind::kFactors:
      return true;
    case RecipeKind::kUserPersonalization:
    case RecipeKind::kPersonalizedRanking:
      return campaign.factors_weight > 0;
    case RecipeKind::kSimilarItems:
      return campaign.measure == Measure::kFactors;
    default:
      return false;
  }
}

std::vector<CampaignSettings> DefaultCampaigns() {
  std::vector<CampaignSettings> campaigns;
  for (const auto& [kind, name] : kRecipeKinds) {
    campaigns.push_back({.name = std::string(name), .recipe = kind});
    if (kind == RecipeKind::kUserPersonalization) {
      // The mix gains by fewer items that speak than session-kNN alone.
      campaigns.back().recent_items = 5;
    }
    if (kind == RecipeKind::kFactors) {
      // A vector is of all that a user touched, and is nearest to just that.
      campaigns.back().recent_items = 200;
      campaigns.back().leave_out = LeaveOut::kSeen;
    }
  }
  campaigns.push_back({.name = "bought-together",
                       .recipe = RecipeKind::kSimilarItems,
                       .pair_table = "bought-together",
                       .content_weight = 0});  // a second of the kind is not what goes with it
  return campaigns;
}

Campaign::Campaign(CampaignSettings settings)
    : settings_(std::move(settings)), recipe_(MakeRecipe(settings_)) {}

}  // namespace freshet::core
