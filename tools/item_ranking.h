// ItemRanking: the best items of many users, one after the other, by computing the inner products
// with all of them: what a training is measured by.
//
// Owned by whoever asks; immutable, shared by workers, each of which brings a Scratch.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/factors/best_rows.h"
#include "core/factors/factor_matrix.h"
#include "core/factors/interactions.h"
#include "core/factors/scored_row.h"

namespace freshet::tools {

class ItemRanking {
 public:
  struct Scratch {
    std::vector<float> user;
    std::vector<float> scores;
    core::BestRows best;
  };

  explicit ItemRanking(const core::FactorMatrix& items);

  // The best `count` items for the user's vector, best first, without those of `known`; ties to the
  // smaller row. Fewer where there are no more. Valid until the scratch is used again. REQUIRES:
  // the vector has the items' dimension; count > 0.
  [[nodiscard]] std::span<const core::ScoredRow> Best(
      std::span<const float> user, std::span<const core::Interactions::Entry> known,
      std::size_t count, Scratch* scratch) const;

 private:
  std::size_t rows_;
  std::size_t width_;          // of a row, as kernels take it
  std::vector<float> values_;  // row after row, filled up with zeros
};

}  // namespace freshet::tools
