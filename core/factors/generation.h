// Generation: one trained set of factors, with the ids they belong to and what is known of the
// training.
//
// Immutable once loaded (storage/generation_folder.h), then shared: any thread may read. What is
// loaded has passed every check there: shapes agree, values are finite, ids are distinct and valid.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/factors/factor_matrix.h"
#include "core/factors/objective.h"
#include "core/ids.h"

namespace freshet::core {

// How well a generation foretells what neither it nor another, which was served meanwhile, has been
// trained with: the same metric of both, where more is better.
struct GenerationComparison {
  std::string against;  // the other's name
  std::string metric;
  double value = 0;
  double other_value = 0;
  double tolerance = 0;  // the share of other_value by which the value may fall short of it

  [[nodiscard]] bool Holds() const { return value >= other_value * (1 - tolerance); }
  friend bool operator==(const GenerationComparison&, const GenerationComparison&) = default;
};

struct GenerationManifest {
  // What made it: "ials", "explicit-als", or any other word, of letters, digits and hyphens.
  std::string algorithm = "ials";
  // What fold-in solves for. Absent when the factors do not come from least squares (the
  // embeddings of a neural network): then they can be retrieved from, but not folded in.
  std::optional<Objective> objective;
  std::int64_t created_ms = 0;  // since 1970
  // The log's entries up to here were trained with; empty when they did not come from a log.
  Positions trained_through;
  std::int64_t trained_until_ms = 0;      // the time of the newest of them; 0 when not known
  std::uint64_t interactions = 0;         // distinct pairs trained with; 0 when not known
  std::map<std::string, double> metrics;  // measured offline, by name: "ndcg_at_10"
  // Present when it was trained to take another's place. One that does not hold is served only when
  // somebody names it.
  std::optional<GenerationComparison> comparison;

  friend bool operator==(const GenerationManifest&, const GenerationManifest&) = default;
};

struct Generation {
  GenerationManifest manifest;
  std::vector<std::string> item_ids;  // one for each row of items
  FactorMatrix items;
  // Both empty when the generation has no users. One id for each row of users.
  std::vector<std::string> user_ids;
  FactorMatrix users;
  // Σ x xᵀ over everybody whom the items were trained with, where they are more than `users`; else
  // empty. What items are folded in with.
  FactorMatrix user_gramian;

  [[nodiscard]] std::size_t dimension() const { return items.dimension(); }
};

}  // namespace freshet::core
