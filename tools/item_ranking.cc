#include "tools/item_ranking.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "core/factors/dense_kernels.h"

namespace freshet::tools {

ItemRanking::ItemRanking(const core::FactorMatrix& items)
    : rows_(items.rows()),
      width_(core::PaddedWidth(items.dimension())),
      values_(rows_ * width_, 0.0F) {
  for (std::size_t row = 0; row < rows_; ++row) {
    std::ranges::copy(items.Row(row), values_.data() + row * width_);
  }
}

std::span<const core::ScoredRow> ItemRanking::Best(std::span<const float> user,
                                                   std::span<const core::Interactions::Entry> known,
                                                   std::size_t count, Scratch* scratch) const {
  constexpr float kNever = -std::numeric_limits<float>::infinity();
  scratch->user.assign(width_, 0.0F);
  std::ranges::copy(user, scratch->user.begin());
  scratch->scores.resize(rows_);
  core::MultiplyRows(values_.data(), rows_, width_, width_, scratch->user.data(),
                     scratch->scores.data());
  for (const auto& pair : known) scratch->scores[pair.column] = kNever;
  core::BestRows& best = scratch->best;
  best.Reset(count);
  for (std::size_t row = 0; row < rows_; ++row) {
    const float score = scratch->scores[row];
    // Later rows lose ties, so what only equals the threshold is not wanted.
    if (!(score > best.threshold())) continue;
    best.Offer({score, core::FactorRow{static_cast<std::uint32_t>(row)}});
  }
  return best.TakeSorted();
}

}  // namespace freshet::tools
