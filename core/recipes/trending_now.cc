#include "core/recipes/trending_now.h"

namespace freshet::core {

void TrendingNow::Propose(const State& state, const Query& query, Workspace* room) const {
  Candidates& out = room->candidates;
  const Popularity& popularity = state.popularity();
  const auto list = query.category.empty()
                        ? popularity.Recent()
                        : popularity.Recent(state.catalog().FindCategory(query.category));
  for (const TopList::Entry& entry : list) {
    const double trend = popularity.Trend(entry.item, state.clock_ms());
    out.Add(entry.item, Feature::kTrend, static_cast<float>(trend));
  }
}

void TrendingNow::Score(const State& /*state*/, Workspace* room) const {
  for (Candidate& candidate : room->candidates.all())
    candidate.score = candidate.Value(Feature::kTrend);
}

}  // namespace freshet::core
