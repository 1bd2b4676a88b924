#include "core/recipes/session_votes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>

namespace freshet::core {
namespace {

constexpr float kBefore = 0.8F;
constexpr std::ptrdiff_t kFarthest = 8;  // beyond, all count alike

// By places after the item in common, from -kFarthest on.
const std::array<float, 2 * kFarthest + 1> kNearness = [] {
  std::array<float, 2 * kFarthest + 1> nearness{};
  for (std::ptrdiff_t places = -kFarthest; places <= kFarthest; ++places) {
    const auto distance = static_cast<double>(std::max<std::ptrdiff_t>(std::abs(places), 1));
    const auto near = static_cast<float>(std::exp(1.0 - distance));
    nearness[static_cast<std::size_t>(places + kFarthest)] = places < 0 ? near * kBefore : near;
  }
  return nearness;
}();

float Freshness(const State& state, SessionId session) {
  constexpr float kHourMs = 3.6e6F;
  const auto age_ms = static_cast<float>(state.clock_ms() - state.sessions().LastTimeMs(session));
  return 1 / std::sqrt(1 + std::max(age_ms, 0.0F) / kHourMs);
}

}  // namespace

std::span<const SessionVote> SessionVotes::Gather(const State& state,
                                                  std::span<const NeighbourSession> neighbours,
                                                  std::span<const ItemId> recent,
                                                  const Candidates& candidates) {
  std::size_t count = 0;
  for (const NeighbourSession& neighbour : neighbours) {
    const std::span<const ItemId> items = state.sessions().Items(neighbour.session);
    if (count + items.size() > votes_.size()) votes_.resize(2 * (count + items.size()));
    const float freshness = Freshness(state, neighbour.session);
    const ItemId because = recent[neighbour.rank];
    // The oldest items of a very long session are forgotten, the one in common may be among them.
    std::ptrdiff_t common = -1;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (items[i] == because) common = static_cast<std::ptrdiff_t>(i);
    }
    SessionVote* const votes = &votes_[count];
    for (std::size_t i = 0; i < items.size(); ++i) {
      candidates.Prefetch(items[i]);
      const std::ptrdiff_t places =
          std::clamp(static_cast<std::ptrdiff_t>(i) - common, -kFarthest, kFarthest);
      const float near =
          neighbour.similarity * kNearness[static_cast<std::size_t>(places + kFarthest)];
      votes[i] = {items[i], because, neighbour.similarity, near, near * freshness};
    }
    count += items.size();
  }
  return std::span(votes_).first(count);
}

}  // namespace freshet::core
