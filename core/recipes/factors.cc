#include "core/recipes/factors.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/recipes/leave_out.h"
#include "core/recipes/recent_items.h"

namespace freshet::core {

void Factors::Propose(const State& state, const Query& query, Workspace* room) const {
  const RecentItems recent = query.touched.empty()
                                 ? RecentItems(state, query.visitor, recent_items_)
                                 : RecentItems(state, query.touched, recent_items_);
  Exclude(leave_out_, state, query.visitor, recent.items(), &room->candidates);
  if (!room->factors.TakeVisitor(state, query, recent_items_)) return;
  // The item asked about and the visitor's newest may be among the best.
  room->factors.Propose(query, query.count + 2, leave_out_ == LeaveOut::kSeen, &room->candidates);
  room->factors.Weigh(room->candidates.all());
}

void Factors::Score(const State& /*state*/, Workspace* room) const {
  float best = -std::numeric_limits<float>::infinity();
  for (const Candidate& candidate : room->candidates.all()) {
    best = std::max(best, candidate.Value(Feature::kFactors));
  }
  for (Candidate& candidate : room->candidates.all()) {
    candidate.score = std::exp(static_cast<double>(candidate.Value(Feature::kFactors) - best));
  }
}

}  // namespace freshet::core
