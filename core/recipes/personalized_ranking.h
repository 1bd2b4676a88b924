// personalized-ranking: a given list of items in the order in which the visitor may want them.
#pragma once

#include <cstddef>
#include <span>

#include "core/recipes/neighbour_strength.h"
#include "core/recipes/recipe.h"

namespace freshet::core {

// Candidates are the known items of query.rank and no others. An item's score is its strength with
// the visitor's recent items, plus what the factors say of it (FactorsTerm) where the query brings
// a generation, plus a small prior that grows with the logarithms of its demand, which is what is
// liked now, and of the number of its users, which is left when the stream has paused for long: so
// a visitor nobody knows gets the list by popularity, and every known item has a score above zero.
// Immutable; any thread.
class PersonalizedRanking final : public Recipe {
 public:
  explicit PersonalizedRanking(const CampaignSettings& settings)
      : strength_(settings),
        recent_items_(settings.recent_items),
        factors_weight_(settings.factors_weight) {}

  void Propose(const State& state, const Query& query, Workspace* room) const override;
  void Score(const State& state, Workspace* room) const override;
  [[nodiscard]] bool ShowsScores() const override { return true; }

 private:
  NeighbourStrength strength_;
  std::size_t recent_items_;
  double factors_weight_;
};

}  // namespace freshet::core
