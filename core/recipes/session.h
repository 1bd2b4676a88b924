// session: what sessions like the visitor's present one went on to. Session-kNN.
#pragma once

#include <cstddef>
#include <span>

#include "core/campaign_settings.h"
#include "core/recipes/recipe.h"

namespace freshet::core {

// Candidates are the items of the neighbours that SessionSearch finds, each with the similarity of
// its session, counted less the farther it lies there from the newest item in common. A visitor
// without a session is taken by the history. Immutable; any thread.
class SessionRecipe final : public Recipe {
 public:
  explicit SessionRecipe(const CampaignSettings& settings)
      : limits_{settings.sample, settings.neighbours},
        recent_items_(settings.recent_items),
        leave_out_(settings.leave_out) {}

  void Propose(const State& state, const Query& query, Workspace* room) const override;
  void Score(const State& state, Workspace* room) const override;
  [[nodiscard]] bool ShowsScores() const override { return true; }

 private:
  SessionSearch::Limits limits_;
  std::size_t recent_items_;
  LeaveOut leave_out_;
};

}  // namespace freshet::core
