#include "core/recipes/popularity_count.h"

namespace freshet::core {

void PopularityCount::Propose(const State& state, const Query& query, Workspace* room) const {
  Candidates& out = room->candidates;
  const Popularity& popularity = state.popularity();
  const auto list = query.category.empty()
                        ? popularity.MostUsers()
                        : popularity.Popular(state.catalog().FindCategory(query.category));
  for (const TopList::Entry& entry : list) {
    out.Add(entry.item, Feature::kUsers, static_cast<float>(popularity.Users(entry.item)));
  }
}

void PopularityCount::Score(const State& /*state*/, Workspace* room) const {
  for (Candidate& candidate : room->candidates.all())
    candidate.score = candidate.Value(Feature::kUsers);
}

}  // namespace freshet::core
