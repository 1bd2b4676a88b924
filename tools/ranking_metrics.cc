#include "tools/ranking_metrics.h"

#include <algorithm>
#include <cmath>

namespace freshet::tools {
namespace {

// What an item at that place, 0 for the first, gains.
double GainAt(std::size_t place) { return 1 / std::log2(static_cast<double>(place) + 2); }

}  // namespace

void RankingMetrics::Add(core::Place place) {
  std::vector<bool> met(place ? *place + 1 : 0);
  if (place) met.back() = true;
  Add(met, 1);
}

void RankingMetrics::Add(std::span<const core::ItemId> answer, std::span<const core::ItemId> came,
                         std::size_t missed) {
  std::vector<bool> met;
  met.reserve(answer.size());
  for (const core::ItemId item : answer) {
    met.push_back(std::find(came.begin(), came.end(), item) != came.end());
  }
  Add(met, came.size() + missed);
}

void RankingMetrics::Add(const std::vector<bool>& met, std::size_t came) {
  ++asked_;
  const auto gain = [&](std::size_t cut_off) {
    double sum = 0;
    double most = 0;
    for (std::size_t i = 0; i < std::min(cut_off, met.size()); ++i) {
      if (met[i]) sum += GainAt(i);
    }
    for (std::size_t i = 0; i < std::min(cut_off, came); ++i) most += GainAt(i);
    return sum / most;
  };
  const auto first = std::find(met.begin(), met.end(), true);
  if (first != met.end()) {
    ++hits_;
    reciprocal_sum_ += 1 / static_cast<double>(first - met.begin() + 1);
  }
  ndcg_sum_ += gain(count_);
  for (std::size_t i = 0; i < kCutOffs.size(); ++i) {
    const std::size_t cut_off = kCutOffs[i];
    const auto end = met.begin() + static_cast<std::ptrdiff_t>(std::min(cut_off, met.size()));
    ndcg_sums_[i] += gain(cut_off);
    precision_sums_[i] +=
        static_cast<double>(std::count(met.begin(), end, true)) / static_cast<double>(cut_off);
  }
}

}  // namespace freshet::tools
