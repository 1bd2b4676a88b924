#include "core/recipes/audience_demand.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace freshet::core {
namespace {

constexpr double kPriorEvents = 20;

}  // namespace

std::span<const AudienceDemand::Entry> AudienceDemand::Rank(const State& state, UserId user,
                                                            std::span<const Column> context) {
  entries_.clear();
  double prior = AddAudiences(state, context);
  if (user.valid()) prior += AddAudiences(state, state.users().Columns(user));
  if (entries_.empty()) return {};
  const Popularity& popularity = state.popularity();
  double all = 0;
  for (const TopList::Entry& popular : popularity.Popular()) {
    all += popularity.Demand(popular.item, state.clock_ms());
    entries_.push_back({popular.item, 0});
  }
  MergeItems();
  for (Entry& entry : entries_) {
    if (all == 0) break;
    entry.demand += prior * popularity.Demand(entry.item, state.clock_ms()) / all;
  }
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return a.demand != b.demand ? a.demand > b.demand : a.item < b.item;
  });
  return entries_;
}

double AudienceDemand::AddAudiences(const State& state, std::span<const Column> columns) {
  const std::int64_t half_life_ms = state.settings().popularity_half_life_ms;
  double prior = 0;
  state.audiences().ForEach(columns, [&](const Audiences::Audience& audience) {
    const double events = audience.total.At(state.clock_ms(), half_life_ms) + kPriorEvents;
    prior += kPriorEvents / events;
    for (std::size_t i = 0; i < audience.items.size(); ++i) {
      const double demand = audience.demand[i].At(state.clock_ms(), half_life_ms);
      entries_.push_back({audience.items[i], demand / events});
    }
  });
  return prior;
}

// Sums what there is of each item.
void AudienceDemand::MergeItems() {
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.item < b.item; });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < entries_.size(); ++i) {
    if (entries_[i].item == entries_[kept].item) {
      entries_[kept].demand += entries_[i].demand;
    } else {
      entries_[++kept] = entries_[i];
    }
  }
  entries_.resize(std::min(entries_.size(), kept + 1));
}

}  // namespace freshet::core
