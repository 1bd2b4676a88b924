#include "core/recipes/user_personalization.h"

#include "core/recipes/exclude_seen.h"
#include "core/recipes/recent_items.h"

namespace freshet::core {

void UserPersonalization::Propose(const State& state, const Query& query, Workspace* room) const {
  Candidates& out = room->candidates;
  if (!recommend_seen_) ExcludeSeen(state, query.visitor, &out);
  const Cooccurrence* table = strength_.Table(state);
  if (table == nullptr) return;
  const RecentItems recent(state, query.visitor, recent_items_);
  strength_.ForEachOfRecent(
      *table, recent, [&](ItemId other) { out.Prefetch(other); },
      [&](ItemId other, double strength, ItemId because) {
        out.Add(other, Feature::kCooccurrence, static_cast<float>(strength), because);
      });
}

void UserPersonalization::Score(std::span<Candidate> candidates) const {
  for (Candidate& candidate : candidates) candidate.score = candidate.Value(Feature::kCooccurrence);
}

}  // namespace freshet::core
