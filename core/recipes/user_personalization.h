// user-personalization: all that speaks for an item, mixed by weights that are learned from what
// visitors choose.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "core/blend.h"
#include "core/recipes/neighbour_strength.h"
#include "core/recipes/recent_items.h"
#include "core/recipes/recipe.h"

namespace freshet::core {

// Candidates come from sessions like the visitor's (recipes/session.h), from what follows, what
// goes with, what is like and what is numbered next to the items touched lately, from what lay
// around these in the user's earlier sessions, and from those items themselves; where that leaves
// room and the query brings a generation of factors, also by retrieval among its vectors.
// The score is the softmax of weights * inputs, see recipes/blend_inputs.h; the weights are those
// that the state has learned for the campaign, or those that its settings give, and that of the
// factors is given. A visitor nobody knows has no candidates and gets what is popular. Immutable;
// any thread.
class UserPersonalization final : public Recipe {
 public:
  explicit UserPersonalization(const CampaignSettings& settings);

  void Propose(const State& state, const Query& query, Workspace* room) const override;
  void Score(const State& state, Workspace* room) const override;
  [[nodiscard]] bool ShowsScores() const override { return true; }
  [[nodiscard]] const Exploration* exploration() const override { return &exploration_; }

  // The campaign's.
  [[nodiscard]] const std::string& name() const { return name_; }

  // What the campaign would learn from the visitor of `query` touching `chosen` next; nothing when
  // it would not have considered that item. Does not depend on the order of rows and slots.
  // REQUIRES: the query brings no factors, which are not in the log.
  std::optional<BlendVector> Lesson(const State& state, const Query& query, ItemId chosen,
                                    Workspace* room) const;

 private:
  // Names the candidates and returns what the visitor touched in this session.
  RecentItems Gather(const State& state, const Query& query, Workspace* room) const;
  void AddSessions(const State& state, SessionId own, std::span<const ItemId> recent,
                   Workspace* room) const;
  void AddCooccurrence(const State& state, const RecentItems& recent, Candidates* out) const;

  std::string name_;
  std::optional<BlendVector> given_weights_;
  bool uses_sessions_;  // a source that weighs nothing is not asked
  bool uses_successions_;
  bool uses_cooccurrence_;
  bool uses_numbers_;
  bool uses_own_sessions_;
  bool uses_content_;
  NeighbourStrength strength_;
  SessionSearch::Limits limits_;
  std::size_t recent_items_;
  LeaveOut leave_out_;
  double factors_weight_;
  Exploration exploration_;
};

}  // namespace freshet::core
