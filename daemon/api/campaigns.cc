#include "daemon/api/campaigns.h"

#include <algorithm>
#include <array>

namespace freshet::daemon::api {
namespace {

constexpr std::array kRecipes = {core::RecipeKind::kSimilarItems,
                                 core::RecipeKind::kUserPersonalization,
                                 core::RecipeKind::kPersonalizedRanking,
                                 core::RecipeKind::kPopularityCount,
                                 core::RecipeKind::kTrendingNow,
                                 core::RecipeKind::kSession,
                                 core::RecipeKind::kFactors};

}  // namespace

Campaigns::Campaigns(const std::vector<core::CampaignSettings>& settings)
    : named_count_(settings.size()) {
  for (const core::CampaignSettings& one : settings) {
    entries_.push_back({core::Campaign(one), entries_.size()});
  }
  for (const core::RecipeKind recipe : kRecipes) {
    const bool present = std::any_of(settings.begin(), settings.end(),
                                     [&](const auto& one) { return one.recipe == recipe; });
    if (present) continue;
    core::CampaignSettings built_in;
    built_in.name = core::RecipeKindName(recipe);
    built_in.recipe = recipe;
    entries_.push_back({core::Campaign(built_in), entries_.size()});
  }
}

const Campaigns::Entry* Campaigns::Find(std::string_view name_or_arn) const {
  const std::string_view name = LastSegment(name_or_arn);
  const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(named_count_);
  const auto found = std::find_if(entries_.begin(), end, [&](const Entry& entry) {
    return entry.campaign.settings().name == name;
  });
  return found == end ? nullptr : &*found;
}

const Campaigns::Entry& Campaigns::Default(core::RecipeKind recipe) const {
  const Entry* first = nullptr;
  for (const Entry& entry : entries_) {
    if (entry.campaign.settings().recipe != recipe) continue;
    if (entry.campaign.settings().name == core::RecipeKindName(recipe)) return entry;
    if (first == nullptr) first = &entry;
  }
  return *first;
}

std::string_view LastSegment(std::string_view arn) {
  return arn.substr(arn.find_last_of("/:") + 1);
}

}  // namespace freshet::daemon::api
