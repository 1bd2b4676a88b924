// BestCandidates: the best few of many candidates, without sorting them all.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "core/recipes/candidates.h"

namespace freshet::core {

// Offers that cannot be among the best fail one comparison with the worst of the best so far; the
// others gather until they are twice as many as wanted and are then halved by nth_element. Ties go
// to the older item (the smaller id).
//
// Owned by a query thread and used again for each query; single-threaded. What it is offered must
// stay where it is until the next Reset.
class BestCandidates {
 public:
  // REQUIRES: count > 0.
  void Reset(std::size_t count) {
    count_ = count;
    halved_ = false;
    worst_score_ = -std::numeric_limits<double>::infinity();
    entries_.clear();
  }

  // False when the candidate cannot be among the best.
  [[nodiscard]] bool Wants(const Candidate& candidate) const {
    return candidate.score >= worst_score_ &&
           (!halved_ || Before({candidate.score, &candidate}, entries_[count_ - 1]));
  }
  void Offer(const Candidate& candidate) {
    if (!Wants(candidate)) return;
    entries_.push_back({candidate.score, &candidate});
    if (entries_.size() == 2 * count_) Halve();
  }

  struct Entry {
    double score;
    const Candidate* candidate;
  };
  // Best first, at most `count`.
  [[nodiscard]] std::span<const Entry> Take() {
    if (entries_.size() > count_) Halve();
    std::sort(entries_.begin(), entries_.end(), Before);
    return entries_;
  }

 private:
  static bool Before(const Entry& a, const Entry& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.candidate->item < b.candidate->item;
  }

  // Keeps the best `count_`, the worst of them last.
  void Halve() {
    const auto last = entries_.begin() + static_cast<std::ptrdiff_t>(count_ - 1);
    std::nth_element(entries_.begin(), last, entries_.end(), Before);
    entries_.resize(count_);
    halved_ = true;
    worst_score_ = entries_.back().score;
  }

  std::size_t count_ = 0;
  bool halved_ = false;     // entries_[count_ - 1] is the worst that still counts
  double worst_score_ = 0;  // its score, or minus infinity
  std::vector<Entry> entries_;
};

}  // namespace freshet::core
