// Session votes: what the sessions like the visitor's speak for.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <span>

#include "core/ids.h"
#include "core/recipes/recent_items.h"
#include "core/recipes/session_search.h"
#include "core/state.h"

namespace freshet::core {

struct SessionVote {
  ItemId item;  // it may be dead
  float similarity;
  std::ptrdiff_t places;  // it lies so many after (before, when negative) the item in common
  const NeighbourSession* neighbour;
};

// Calls visit(SessionVote) for each item of each neighbour, in their order, and announce(ItemId)
// some time before, so that the caller may prefetch what its visit will touch. `recent` is what
// they were searched with.
template <typename Announce, typename Visit>
void ForEachSessionVote(const State& state, std::span<const NeighbourSession> neighbours,
                        std::span<const ItemId> recent, Announce&& announce, Visit&& visit) {
  constexpr std::size_t kAhead = 4;  // sessions
  const Sessions& sessions = state.sessions();
  for (std::size_t n = 0; n < neighbours.size(); ++n) {
    if (n + kAhead < neighbours.size()) {
      for (const ItemId item : sessions.Items(neighbours[n + kAhead].session)) announce(item);
    }
    const NeighbourSession& neighbour = neighbours[n];
    const std::span<const ItemId> items = sessions.Items(neighbour.session);
    const auto last = std::find(items.rbegin(), items.rend(), recent[neighbour.rank]);
    // The oldest items of a very long session are forgotten, the one in common may be among them.
    const std::ptrdiff_t common = items.rend() - last - 1;
    for (std::size_t i = 0; i < items.size(); ++i) {
      visit(SessionVote{items[i], neighbour.similarity, static_cast<std::ptrdiff_t>(i) - common,
                        &neighbour});
    }
  }
}

// How much a vote counts by where the item lies: less the farther from the item in common, and less
// before it than after it (the idea of VSTAN: Garg et al., "Sequence and Time Aware Neighborhood
// for Session-based Recommendations", SIGIR 2019).
inline float NearnessOf(std::ptrdiff_t places) {
  constexpr float kBefore = 0.8F;
  static const auto by_distance = [] {
    std::array<float, 9> nearness{};
    for (std::size_t i = 0; i < nearness.size(); ++i) {
      nearness[i] = static_cast<float>(std::exp(1.0 - std::max(1.0, static_cast<double>(i))));
    }
    return nearness;
  }();
  const auto distance = static_cast<std::size_t>(std::abs(places));
  const float nearness = by_distance[std::min(distance, by_distance.size() - 1)];
  return places < 0 ? nearness * kBefore : nearness;
}

}  // namespace freshet::core
