#include "core/recipes/session.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "core/recipes/exclude_seen.h"
#include "core/recipes/recent_items.h"

namespace freshet::core {
namespace {

constexpr double kBefore =
    0.8;  // what lies before the item in common counts less than what follows
constexpr std::ptrdiff_t kFarthest = 8;

// How much an item counts that lies so many places after (before, when negative) the one in common.
float NearnessOf(std::ptrdiff_t places) {
  static const auto kByDistance = [] {
    std::array<float, kFarthest + 1> nearness{};
    for (std::size_t i = 0; i < nearness.size(); ++i) {
      nearness[i] = static_cast<float>(std::exp(1.0 - std::max(1.0, static_cast<double>(i))));
    }
    return nearness;
  }();
  const float nearness =
      kByDistance[static_cast<std::size_t>(std::min(std::abs(places), kFarthest))];
  return places < 0 ? nearness * static_cast<float>(kBefore) : nearness;
}

}  // namespace

void SessionRecipe::Propose(const State& state, const Query& query, Workspace* room) const {
  Candidates& out = room->candidates;
  const SessionId own = state.FindSession(query.visitor);
  const RecentItems recent = query.touched.empty()
                                 ? RecentItems::OfSession(state, query.visitor, own, recent_items_)
                                 : RecentItems(state, query.touched, recent_items_);
  if (!recommend_seen_) ExcludeSeen(state, query.visitor, &out);
  if (recent.items().empty()) return;
  if (!recommend_current_) out.Exclude(recent.items().front());

  const Sessions& sessions = state.sessions();
  const std::span<const NeighbourSession> neighbours =
      room->sessions.Find(state, recent.items(), own, limits_);
  for (const NeighbourSession& neighbour : neighbours) {
    const std::span<const ItemId> items = sessions.Items(neighbour.session);
    const ItemId because = recent.items()[neighbour.rank];
    const auto last = std::find(items.rbegin(), items.rend(), because);
    // The oldest items of a very long session are forgotten, the one in common may be among them.
    const std::ptrdiff_t common = items.rend() - last - 1;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!state.catalog().IsLive(items[i])) continue;
      const float nearness = NearnessOf(static_cast<std::ptrdiff_t>(i) - common);
      out.Add(items[i], Feature::kSession, neighbour.similarity * nearness, because);
    }
  }
}

void SessionRecipe::Score(std::span<Candidate> candidates) const {
  for (Candidate& candidate : candidates) candidate.score = candidate.Value(Feature::kSession);
}

}  // namespace freshet::core
