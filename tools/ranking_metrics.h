// RankingMetrics: how well answers met what came next, over many answers.
//
// Owned by an evaluation; single-threaded. Relevance is binary: what came is relevant, all else is
// not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/ids.h"
#include "core/recipes/next_item.h"

namespace freshet::tools {

class RankingMetrics {
 public:
  // Where Personalize cuts answers off to look at NDCG and precision.
  static constexpr std::array<std::size_t, 3> kCutOffs = {5, 10, 25};

  // `count` is how many items each answer was asked for.
  explicit RankingMetrics(std::size_t count) : count_(count) {}

  // One answer, and where in it the one item stood that came.
  void Add(core::Place place);
  // One answer, best first, and all that came: distinct items, at least one; `missed` is how many
  // more came that no answer can have.
  void Add(std::span<const core::ItemId> answer, std::span<const core::ItemId> came,
           std::size_t missed);

  [[nodiscard]] std::uint64_t asked() const { return asked_; }
  [[nodiscard]] std::uint64_t hits() const { return hits_; }
  // The share of answers with something that came: for one next item HR@n, which is then also
  // recall@n and, in some papers, P@n.
  [[nodiscard]] double HitRate() const { return Mean(static_cast<double>(hits_)); }
  // The mean of 1 / the place of the first that came; a miss counts 0.
  [[nodiscard]] double MeanReciprocalRank() const { return Mean(reciprocal_sum_); }
  // Normalized discounted cumulative gain at kCutOffs[i] (Järvelin, Kekäläinen: "Cumulated
  // gain-based evaluation of IR techniques", ACM TOIS 2002), with discount 1 / log2(place + 1).
  [[nodiscard]] double Ndcg(std::size_t i) const { return Mean(ndcg_sums_[i]); }
  // At the number of items asked for.
  [[nodiscard]] double Ndcg() const { return Mean(ndcg_sum_); }
  // The share of the first kCutOffs[i] that came; places that an answer left empty did not.
  [[nodiscard]] double Precision(std::size_t i) const { return Mean(precision_sums_[i]); }

 private:
  [[nodiscard]] double Mean(double sum) const {
    return asked_ == 0 ? 0 : sum / static_cast<double>(asked_);
  }
  void Add(const std::vector<bool>& met, std::size_t came);

  std::size_t count_;
  std::uint64_t asked_ = 0;
  std::uint64_t hits_ = 0;
  double reciprocal_sum_ = 0;
  double ndcg_sum_ = 0;
  std::array<double, kCutOffs.size()> ndcg_sums_{};
  std::array<double, kCutOffs.size()> precision_sums_{};
};

}  // namespace freshet::tools
