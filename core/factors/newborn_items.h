// NewbornItems: items that a generation was not trained with, with the vectors that they have been
// folded in with since (core/recipes/item_fold_in.h).
//
// They are of one state: an item's slot is never given again, so a deleted one does no harm.
// Immutable once it is served; any thread may read.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/factors/factor_matrix.h"
#include "core/ids.h"

namespace freshet::core {

struct NewbornItems {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  std::vector<ItemId> items;  // ascending; one for each row of vectors
  FactorMatrix vectors;

  [[nodiscard]] std::size_t Find(ItemId item) const {
    const auto found = std::lower_bound(items.begin(), items.end(), item);
    return found == items.end() || *found != item ? kNone
                                                  : static_cast<std::size_t>(found - items.begin());
  }
};

}  // namespace freshet::core
