// Recipe: one way to recommend, in two steps that every recipe shares. Propose() names candidates
// and says what speaks for each (its features); Score() weighs those features. Choosing the best,
// leaving out what may not be shown and filling up with what is popular is the same for all:
// recommend.h.
//
// A Recipe is immutable after construction and may be used by any number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/factors/served_factors.h"
#include "core/recipes/candidates.h"
#include "core/recipes/workspace.h"
#include "core/state.h"

namespace freshet::core {

// What a recipe gives to new items; see explore.h.
struct Exploration {
  double weight = 0;  // the share of an answer's places
  std::int64_t item_age_cut_off_ms = 0;
};

// What is asked. All views outlive the call.
struct Query {
  Visitor visitor{};
  // What a session that the state does not know has touched so far, oldest first; it then counts in
  // place of the visitor's own.
  std::span<const ItemId> touched{};
  std::string_view item{};              // the item asked about; related items only
  std::span<const std::string> rank{};  // the ids to put in order; personalized-ranking only
  // Attributes of the visitor that the request tells, beside those that are known of the user.
  std::span<const Column> context{};
  std::string_view category{};  // a category value the answer is restricted to, or empty
  std::size_t count = 25;
  const ServedFactors* factors = nullptr;  // the generation that is served, if any
};

class Recipe {
 public:
  Recipe() = default;
  Recipe(const Recipe&) = delete;
  Recipe& operator=(const Recipe&) = delete;
  virtual ~Recipe() = default;

  // Adds candidates and their features to room->candidates. It may name items outside
  // query.category: Recommend leaves them out. It should name no dead ones: they are not shown, but
  // count in the scores' sum.
  virtual void Propose(const State& state, const Query& query, Workspace* room) const = 0;
  // Sets the score of each of room->candidates from its features; larger is better, and a candidate
  // of score 0 or less is not shown.
  virtual void Score(const State& state, Workspace* room) const = 0;
  // True when answers carry scores (they then sum to 1 over what was scored, as Personalize's do).
  [[nodiscard]] virtual bool ShowsScores() const = 0;
  // Null when it does not explore; else it has left what the visitor touched in room->content.
  [[nodiscard]] virtual const Exploration* exploration() const { return nullptr; }
};

}  // namespace freshet::core
