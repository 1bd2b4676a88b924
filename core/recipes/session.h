// session: what sessions like the visitor's present one went on to. Session-kNN.
#pragma once

#include <cstddef>
#include <span>

#include "core/recipes/campaign_settings.h"
#include "core/recipes/recipe.h"

namespace freshet::core {

// Candidates are the items of the neighbours that SessionSearch finds, each with the similarity of
// its session, counted less the farther it lies there from the newest item in common (the idea of
// VSTAN: Garg et al., "Sequence and Time Aware Neighborhood for Session-based Recommendations",
// SIGIR 2019). A visitor without a session is taken by the history. Immutable; any thread.
class SessionRecipe final : public Recipe {
 public:
  explicit SessionRecipe(const CampaignSettings& settings)
      : limits_{settings.sample, settings.neighbours},
        recent_items_(settings.recent_items),
        recommend_current_(settings.recommend_current),
        recommend_seen_(settings.recommend_seen) {}

  void Propose(const State& state, const Query& query, Workspace* room) const override;
  void Score(std::span<Candidate> candidates) const override;
  [[nodiscard]] bool ShowsScores() const override { return true; }

 private:
  SessionSearch::Limits limits_;
  std::size_t recent_items_;
  bool recommend_current_;
  bool recommend_seen_;
};

}  // namespace freshet::core
