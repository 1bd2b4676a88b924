// SessionVotes: what the sessions like the visitor's speak for. The second half of session-kNN.
//
// Owned by a query thread and used again for each query, so that a warm query allocates nothing;
// single-threaded.
#pragma once

#include <span>
#include <vector>

#include "core/ids.h"
#include "core/recipes/candidates.h"
#include "core/recipes/session_search.h"
#include "core/state.h"

namespace freshet::core {

struct SessionVote {
  ItemId item;       // it may be dead
  ItemId because;    // the visitor's item in common
  float similarity;  // of the session
  float near;        // the same, counted less the farther the item lies from the one in common
  float fresh;       // and less the longer ago the session was
};

class SessionVotes {
 public:
  // A vote for each item of each neighbour, in their order. `recent` is what they were searched
  // with; what the votes are for is fetched into the cache from `candidates`. Valid until the next
  // call.
  //
  // A vote counts by where the item lies: e^(1 - places) when so many away from the item in common,
  // as much when next to it, and a fifth less before it than after it (the idea of VSTAN: Garg et
  // al., "Sequence and Time Aware Neighborhood for Session-based Recommendations", SIGIR 2019). Its
  // `fresh` counts by the hours since the session's last event as well: 1 / root(1 + hours).
  std::span<const SessionVote> Gather(const State& state,
                                      std::span<const NeighbourSession> neighbours,
                                      std::span<const ItemId> recent, const Candidates& candidates);

 private:
  std::vector<SessionVote> votes_;
};

}  // namespace freshet::core
