#include "core/recipes/session.h"

#include "core/recipes/leave_out.h"
#include "core/recipes/recent_items.h"

namespace freshet::core {

void SessionRecipe::Propose(const State& state, const Query& query, Workspace* room) const {
  Candidates& out = room->candidates;
  const SessionId own = state.FindSession(query.visitor);
  const RecentItems recent = query.touched.empty()
                                 ? RecentItems::OfSession(state, query.visitor, own, recent_items_)
                                 : RecentItems(state, query.touched, recent_items_);
  Exclude(leave_out_, state, query.visitor, recent.items(), &out);
  if (recent.items().empty()) return;
  const std::span<const NeighbourSession> neighbours =
      room->sessions.Find(state, recent.items(), own, limits_);
  for (const SessionVote& vote : room->votes.Gather(state, neighbours, recent.items(), out)) {
    out.Add(vote.item, Feature::kSession, vote.near, vote.because);
  }
}

void SessionRecipe::Score(const State& /*state*/, Workspace* room) const {
  for (Candidate& candidate : room->candidates.all())
    candidate.score = candidate.Value(Feature::kSession);
}

}  // namespace freshet::core
