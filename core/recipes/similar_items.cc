#include "core/recipes/similar_items.h"

namespace freshet::core {

void SimilarItems::Propose(const State& state, const Query& query, Workspace* room) const {
  Candidates& out = room->candidates;
  const Cooccurrence* table = strength_.Table(state);
  const ItemId item = state.catalog().Find(query.item);
  if (table == nullptr || !item.valid()) return;
  strength_.ForEach(
      *table, item, [&](ItemId other) { out.Prefetch(other); },
      [&](ItemId other, double strength) {
        out.Add(other, Feature::kCooccurrence, static_cast<float>(strength));
      });
}

void SimilarItems::Score(const State& /*state*/, Workspace* room) const {
  for (Candidate& candidate : room->candidates.all())
    candidate.score = candidate.Value(Feature::kCooccurrence);
}

}  // namespace freshet::core
