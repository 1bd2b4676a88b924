// ContentMatch: how much items are like a few given ones, by what the catalogue says of them.
//
// Owned by a query thread and used again for each query, so that a warm query allocates nothing;
// single-threaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/content_index.h"
#include "core/ids.h"

namespace freshet::core {

class ContentMatch {
 public:
  // Forgets the given items. `index` outlives what follows, and does not change.
  void Reset(const ContentIndex& index);
  // Gives one more, which counts `weight`. REQUIRES: weight > 0.
  void Add(ItemId item, float weight);
  // True when none of the given items is described.
  [[nodiscard]] bool empty() const { return total_ == 0; }

  // The mean of the cosines between `other` and the given items by their weights, each item a
  // vector of its terms' weights: 0 to 1. Does not depend on the order of terms.
  [[nodiscard]] float Of(ItemId other) const;

 private:
  struct Cell {
    std::uint32_t query = 0;
    std::uint64_t share = 0;  // what the term adds to a dot product, in units of kUnit
  };

  const ContentIndex* index_ = nullptr;
  std::vector<Cell> cells_;  // by TermId
  std::uint32_t query_ = 0;
  double total_ = 0;  // the weights of the given items that are described
};

}  // namespace freshet::core
