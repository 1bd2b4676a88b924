#include "core/recipes/content_match.h"

#include <algorithm>
#include <cmath>

namespace freshet::core {
namespace {

constexpr double kUnit = 1 << 16;

}  // namespace

void ContentMatch::Reset(const ContentIndex& index) {
  index_ = &index;
  total_ = 0;
  if (index.term_count() > cells_.size()) {
    cells_.resize(std::max(index.term_count(), cells_.size() + cells_.size() / 2));
  }
  if (++query_ == 0) {
    std::fill(cells_.begin(), cells_.end(), Cell());
    query_ = 1;
  }
}

void ContentMatch::Add(ItemId item, float weight) {
  std::uint64_t square = 0;
  for (const TermId term : index_->Terms(item)) square += index_->SquareOf(term);
  if (square == 0) return;
  total_ += static_cast<double>(weight);
  const double scale = static_cast<double>(weight) * kUnit / std::sqrt(static_cast<double>(square));
  for (const TermId term : index_->Terms(item)) {
    Cell& cell = cells_[term.value];
    if (cell.query != query_) cell = {query_, 0};
    const double share = static_cast<double>(index_->SquareOf(term)) * scale;
    cell.share += static_cast<std::uint64_t>(std::llround(share));
  }
}

float ContentMatch::Of(ItemId other) const {
  std::uint64_t square = 0;
  std::uint64_t shared = 0;
  for (const TermId term : index_->Terms(other)) {
    square += index_->SquareOf(term);
    const Cell& cell = cells_[term.value];
    if (cell.query == query_) shared += cell.share;
  }
  if (shared == 0) return 0;
  const double cosine =
      static_cast<double>(shared) / (kUnit * std::sqrt(static_cast<double>(square)));
  return static_cast<float>(cosine / total_);
}

}  // namespace freshet::core
