// factors: what a factorisation of everybody's history foretells, from the visitor's own as it is
// now.
#pragma once

#include <cstddef>

#include "core/campaign_settings.h"
#include "core/recipes/recipe.h"

namespace freshet::core {

// Folds the visitor's history, each item with its weight, into a vector of the generation that the
// query brings along, and takes the items of the greatest inner product with it. So what happened
// since the training counts at once. The score is the softmax of the inner products of those taken.
//
// Without a generation, or with nothing of the visitor that it knows, there are no candidates and
// the answer is what is popular. Items that were deleted have no name any more and do not count.
// Immutable; any thread.
class Factors final : public Recipe {
 public:
  explicit Factors(const CampaignSettings& settings)
      : recent_items_(settings.recent_items), leave_out_(settings.leave_out) {}

  void Propose(const State& state, const Query& query, Workspace* room) const override;
  void Score(const State& state, Workspace* room) const override;
  [[nodiscard]] bool ShowsScores() const override { return true; }

 private:
  std::size_t recent_items_;
  LeaveOut leave_out_;
};

}  // namespace freshet::core
