// similar-items: what goes with an item, by how often the two lie in one basket, or by factors.
#pragma once

#include <span>

#include "core/recipes/neighbour_strength.h"
#include "core/recipes/recipe.h"

namespace freshet::core {

// Candidates are the neighbours of query.item, and items that are like it by their metadata. The
// score is the strength of the co-occurrence plus content_weight times the likeness, which counts
// as much as five users do: 5 / (5 + users of query.item). By the measure factors, the candidates
// are the items of the greatest cosine with query.item among the vectors of the generation that the
// query brings, and the cosine is the strength; there are none when it brings none. Without a known
// item there are no candidates, and the answer is what is popular, as Personalize's is. Immutable;
// any thread.
class SimilarItems final : public Recipe {
 public:
  explicit SimilarItems(const CampaignSettings& settings)
      : strength_(settings),
        by_factors_(settings.measure == Measure::kFactors),
        content_weight_(settings.content_weight) {}

  void Propose(const State& state, const Query& query, Workspace* room) const override;
  void Score(const State& state, Workspace* room) const override;
  [[nodiscard]] bool ShowsScores() const override { return false; }

 private:
  void AddAlike(const State& state, ItemId item, Workspace* room) const;

  NeighbourStrength strength_;
  bool by_factors_;
  double content_weight_;
};

}  // namespace freshet::core
