// similar-items: what goes with an item, by how often the two lie in one basket.
#pragma once

#include <span>

#include "core/recipes/neighbour_strength.h"
#include "core/recipes/recipe.h"

namespace freshet::core {

// Candidates are the neighbours of query.item; without a known item there are none, and the answer
// is what is popular, as Personalize's is. Immutable; any thread.
class SimilarItems final : public Recipe {
 public:
  explicit SimilarItems(const CampaignSettings& settings) : strength_(settings) {}

  void Propose(const State& state, const Query& query, Workspace* room) const override;
  void Score(const State& state, Workspace* room) const override;
  [[nodiscard]] bool ShowsScores() const override { return false; }

 private:
  NeighbourStrength strength_;
};

}  // namespace freshet::core
