// ExactScan: the rows of the greatest inner product with a query, found by computing them all. What
// Retrieval is measured against, and what is asked when every row's place counts.
//
// Owned by a query thread and used again for each query, so that a warm query allocates nothing;
// single-threaded.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "core/factors/best_rows.h"
#include "core/factors/scored_row.h"

namespace freshet::core {

// True for the rows that are not wanted in an answer. Asked only of rows that would be in it.
using SkipRow = std::function<bool(FactorRow)>;

class ExactScan {
 public:
  // The best `count` of `vectors`, row after row, that `skip` leaves (an empty function leaves
  // all); best first, ties to the smaller row. Valid until the next call. REQUIRES: vectors.size()
  // is a multiple of query.size(), all are finite, and count > 0.
  std::span<const ScoredRow> Find(std::span<const float> vectors, std::span<const float> query,
                                  std::size_t count, const SkipRow& skip = {});

 private:
  BestRows best_;
};

}  // namespace freshet::core
