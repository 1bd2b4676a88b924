// user-personalization: what goes with the things the visitor did lately.
#pragma once

#include <cstddef>
#include <span>

#include "core/recipes/neighbour_strength.h"
#include "core/recipes/recipe.h"

namespace freshet::core {

// Candidates are the neighbours of the visitor's recent items; each item's strength is summed over
// them, the newer counting more, and `because` is the one that argued most. A visitor nobody knows
// has no candidates and gets what is popular. Immutable; any thread.
class UserPersonalization final : public Recipe {
 public:
  explicit UserPersonalization(const CampaignSettings& settings)
      : strength_(settings),
        recent_items_(settings.recent_items),
        recommend_seen_(settings.recommend_seen) {}

  void Propose(const State& state, const Query& query, Workspace* room) const override;
  void Score(std::span<Candidate> candidates) const override;
  [[nodiscard]] bool ShowsScores() const override { return true; }

 private:
  NeighbourStrength strength_;
  std::size_t recent_items_;
  bool recommend_seen_;
};

}  // namespace freshet::core
