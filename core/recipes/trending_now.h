// trending-now: the items whose demand is rising.
#pragma once

#include <span>

#include "core/recipes/recipe.h"

namespace freshet::core {

// Candidates are the items most in demand lately (of the category, if one is asked for), put in
// order by their short-term over their long-term rate at the state's clock. Immutable; any thread.
class TrendingNow final : public Recipe {
 public:
  void Propose(const State& state, const Query& query, Workspace* room) const override;
  void Score(const State& state, Workspace* room) const override;
  [[nodiscard]] bool ShowsScores() const override { return false; }
};

}  // namespace freshet::core
