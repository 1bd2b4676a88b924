// popularity-count: the items that most users touched.
#pragma once

#include <span>

#include "core/recipes/recipe.h"

namespace freshet::core {

// Candidates are the items with the most distinct users; within a category, the category's popular
// items, put in order by their users. Immutable; any thread.
class PopularityCount final : public Recipe {
 public:
  void Propose(const State& state, const Query& query, Workspace* room) const override;
  void Score(const State& state, Workspace* room) const override;
  [[nodiscard]] bool ShowsScores() const override { return false; }
};

}  // namespace freshet::core
