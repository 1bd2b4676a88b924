// BestRows: the best few of many scored rows, without sorting them all.
//
// Owned by a query thread and used again for each query; single-threaded.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "core/factors/scored_row.h"

namespace freshet::core {

// What is offered gathers until it is twice as much as wanted and is then halved by nth_element;
// from then on most offers fail one comparison.
class BestRows {
 public:
  // REQUIRES: count > 0.
  void Reset(std::size_t count) {
    count_ = count;
    worst_ = {-std::numeric_limits<float>::infinity(), FactorRow{}};
    rows_.clear();
  }

  // What scores less cannot be among the best: minus infinity while there are too few.
  [[nodiscard]] float threshold() const { return worst_.score; }
  [[nodiscard]] bool Wants(const ScoredRow& row) const { return Before(row, worst_); }

  void Offer(const ScoredRow& row) {
    if (!Wants(row)) return;
    rows_.push_back(row);
    if (rows_.size() == 2 * count_) Tighten();
  }

  // Makes the threshold as high as what was offered allows.
  void Tighten() {
    if (rows_.size() < count_) return;
    const auto last = rows_.begin() + static_cast<std::ptrdiff_t>(count_ - 1);
    std::nth_element(rows_.begin(), last, rows_.end(), Before);
    rows_.resize(count_);
    worst_ = rows_.back();
  }

  // At most `count`, in no order, to be changed in place.
  [[nodiscard]] std::span<ScoredRow> Take() {
    Tighten();
    return rows_;
  }
  // The same, best first.
  [[nodiscard]] std::span<ScoredRow> TakeSorted() {
    Tighten();
    std::sort(rows_.begin(), rows_.end(), Before);
    return rows_;
  }

 private:
  std::size_t count_ = 0;
  ScoredRow worst_;  // the last that still counts; before there are enough, what everything beats
  std::vector<ScoredRow> rows_;
};

}  // namespace freshet::core
