// Exploration: a few places of an answer for new items that too few have seen yet to speak for
// themselves.
#pragma once

#include <vector>

#include "core/recipes/answer_item.h"
#include "core/recipes/recipe.h"

namespace freshet::core {

// What exploring works with; owned by a query thread and used again for each query.
struct ExplorationScratch {
  struct Explored {
    ItemId item;
    double score;
    float likeness;
    float upper_bound;
  };
  std::vector<Explored> best;
};

// Gives exploration.weight of the `count` places of *answer to new items: described ones, created
// no longer ago than exploration.item_age_cut_off_ms, that fewer than ten users touched. A fraction
// of a place falls to a part of the queries. Looks at those among room->candidates that are like
// what the visitor touched, and at some drawn from all (core/arrivals.h); of these the best by
// (0.1 + likeness) * Exposures::UpperBound stand in, evenly spaced, for the answer's last ones.
// Nothing the candidates exclude is explored, nor what is outside `category`. The same state and
// query give the same items.
void Explore(const State& state, const Exploration& exploration, const Query& query,
             CategoryId category, Workspace* room, ExplorationScratch* scratch,
             std::vector<AnswerItem>* answer);

}  // namespace freshet::core
