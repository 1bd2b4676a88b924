// FactorsRoom: what one query of the recipe factors works with; see core/recipes/workspace.h.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/factors/fold_in.h"
#include "core/factors/retrieval_search.h"

namespace freshet::core {

struct FactorsRoom {
  // Readies it for factors of that dimension.
  void Reset(std::size_t dimension) {
    known.clear();
    pairs.clear();
    if (user.size() == dimension) return;
    user.resize(dimension);
    solver.emplace(dimension);
  }

  std::vector<FactorRow> known;   // of the visitor's items, newest first, those with a vector
  std::vector<FoldInPair> pairs;  // the same, as fold-in takes them
  std::vector<float> user;
  std::optional<FoldInScratch> solver;
  RetrievalSearch search;
};

}  // namespace freshet::core
