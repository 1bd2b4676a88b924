// LiveQuality: how good each campaign's answers are on the stream as it comes: before some of the
// events a campaign is asked what comes next.
//
// Owned by the engine. Consider is called on the apply thread, Figures from any. The questions take
// at most a set share of that thread's time: after one that took t, the next comes no earlier than
// t / share later. Campaigns take turns. Nothing of it is stored.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/log_entry.h"
#include "core/quality_window.h"
#include "core/recipes/campaign.h"
#include "core/recipes/recommend.h"
#include "core/state.h"

namespace freshet::daemon {

class LiveQuality {
 public:
  static constexpr std::size_t kItems = 20;  // asked for: n of HR@n and MRR@n
  // An item that fewer users than this have touched is cold.
  static constexpr std::uint64_t kColdUsers = 5;

  // Gives the generation of factors that is served at that moment, or null.
  using ServingFactors = std::function<std::shared_ptr<const core::ServedFactors>()>;

  // Campaigns that rank lists are not asked. `time_share` is of the apply thread, 0 for no
  // questions; the figures are of the latest `window` answers of each campaign, made with what
  // `serving` gives, if it is not empty.
  LiveQuality(const std::vector<core::CampaignSettings>& campaigns, double time_share,
              std::size_t window, ServingFactors serving = {});
  LiveQuality(const LiveQuality&) = delete;
  LiveQuality& operator=(const LiveQuality&) = delete;

  // `entry` is about to be applied to `state`. Duplicates count no question.
  void Consider(const core::State& state, const core::StampedEntry& entry);

  // By campaign, in the order of the settings.
  using Figures = std::vector<std::pair<std::string, core::QualityWindow::Figures>>;
  [[nodiscard]] Figures figures() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Asked {
    Asked(const core::CampaignSettings& settings, std::size_t answers)
        : campaign(settings), window(answers) {}
    const core::Campaign campaign;
    core::QualityWindow window;
  };
  void Ask(const core::State& state, const core::Event& event, Asked* asked);

  const double time_share_;
  const ServingFactors serving_;
  std::deque<Asked> campaigns_;  // their windows are guarded by mutex_
  std::size_t turn_ = 0;
  Clock::time_point next_;
  core::QueryScratch scratch_;
  std::vector<core::ItemId> items_;
  mutable std::mutex mutex_;
};

// The share of a catalogue of that many items that was recommended.
inline double Coverage(const core::QualityWindow::Figures& figures, std::size_t items) {
  return items == 0 ? 0 : static_cast<double>(figures.distinct_items) / static_cast<double>(items);
}

}  // namespace freshet::daemon
