// FactorRow and ScoredRow: which vector of a generation, and what its inner product with a query
// is.
#pragma once

#include "core/ids.h"

namespace freshet::core {

// The row of a generation's item factors. Items born since follow with the numbers after the last.
using FactorRow = DenseId<struct FactorRowTag>;

struct ScoredRow {
  float score = 0;
  FactorRow row;

  friend bool operator==(const ScoredRow&, const ScoredRow&) = default;
};

// The order of answers: the greater score, and among equals the smaller row.
inline bool Before(const ScoredRow& a, const ScoredRow& b) {
  return a.score > b.score || (a.score == b.score && a.row < b.row);
}

}  // namespace freshet::core
