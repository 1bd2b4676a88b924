#include "daemon/live_quality.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "core/recipes/next_item.h"

namespace freshet::daemon {
namespace {

constexpr std::chrono::minutes kLongestPause{1};

}  // namespace

LiveQuality::LiveQuality(const std::vector<core::CampaignSettings>& campaigns, double time_share,
                         std::size_t window, ServingFactors serving)
    : time_share_(time_share), serving_(std::move(serving)) {
  for (const core::CampaignSettings& campaign : campaigns) {
    if (campaign.recipe == core::RecipeKind::kPersonalizedRanking) continue;
    campaigns_.emplace_back(campaign, window);
  }
}

void LiveQuality::Consider(const core::State& state, const core::StampedEntry& entry) {
  if (time_share_ <= 0 || campaigns_.empty()) return;
  const auto* event = std::get_if<core::Event>(&entry.entry);
  if (event == nullptr) return;
  const auto start = Clock::now();
  if (start < next_ || state.IsPassedOver(entry)) return;
  Ask(state, *event, &campaigns_[turn_]);
  const auto end = Clock::now();
  next_ = end + std::chrono::duration_cast<Clock::duration>(std::min<std::chrono::duration<double>>(
                    (end - start) / time_share_, kLongestPause));
}

void LiveQuality::Ask(const core::State& state, const core::Event& event, Asked* asked) {
  const auto factors = serving_ ? serving_() : nullptr;
  const auto place =
      core::AskForNextItem(state, asked->campaign, event, factors.get(), kItems, &scratch_);
  if (!place) return;
  turn_ = (turn_ + 1) % campaigns_.size();
  items_.clear();
  for (const core::AnswerItem& one : scratch_.answer) items_.push_back(one.item);
  const auto cold = std::count_if(items_.begin(), items_.end(), [&](core::ItemId item) {
    return state.popularity().Users(item) < kColdUsers;
  });
  const std::lock_guard lock(mutex_);
  asked->window.Add(items_, static_cast<std::size_t>(cold), *place);
}

LiveQuality::Figures LiveQuality::figures() const {
  const std::lock_guard lock(mutex_);
  Figures figures;
  for (const Asked& asked : campaigns_) {
    figures.emplace_back(asked.campaign.settings().name, asked.window.figures());
  }
  return figures;
}

}  // namespace freshet::daemon
