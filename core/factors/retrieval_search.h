// RetrievalSearch: asks a Retrieval.
//
// Owned by a query thread and used again for each query, so that a warm query allocates nothing;
// single-threaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/factors/best_rows.h"
#include "core/factors/exact_scan.h"
#include "core/factors/int8_kernel.h"
#include "core/factors/retrieval.h"
#include "core/factors/scored_row.h"

namespace freshet::core {

class RetrievalSearch {
 public:
  // About the best `count` rows that `skip` leaves (an empty function leaves all): fewer only when
  // there are not as many. Their scores are exact; best first, ties to the smaller row. Valid until
  // the next call. The more is skipped, the more is looked at: all of the codes when everything is.
  // `others` are vectors, row after row, that follow those of the retrieval: each search computes
  // them all, exactly. REQUIRES: the query has the retrieval's dimension, others.size() is a
  // multiple of it, their numbers and norms are finite; count > 0.
  std::span<const ScoredRow> Find(const Retrieval& retrieval, std::span<const float> query,
                                  std::size_t count, const SkipRow& skip = {},
                                  std::span<const float> others = {});

 private:
  // How good the rows of each cell can be.
  void BoundCells(const Retrieval& retrieval, float query_norm);
  // The bound that `kFirstCells` cells reach.
  float HighBound();
  // Scans the cells not yet scanned whose bounds reach `least`.
  void ScanCells(const Retrieval& retrieval, float least, const SkipRow& skip);
  void ScanCell(const Retrieval& retrieval, std::size_t cell, const SkipRow& skip);
  void ScanOthers(FactorRow first, std::span<const float> vectors, std::span<const float> query,
                  const SkipRow& skip);

  Int8Query query_;
  std::vector<float> reaches_;  // for each cell: what a vector of norm one can score there
  std::vector<float> bounds_;   // and what its longest can; minus infinity once it is scanned
  std::vector<float> sorted_bounds_;
  std::vector<std::uint32_t> chosen_;
  BestRows best_;
};

}  // namespace freshet::core
