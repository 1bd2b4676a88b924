#include "core/factors/retrieval_search.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>

#include "core/factors/inner_product.h"

namespace freshet::core {
namespace {

constexpr float kScanned = -std::numeric_limits<float>::infinity();
// These many cells are scanned before the others are compared with what was found in them.
constexpr std::size_t kFirstCells = 32;
// Blocks come from memory while those of this many cells before are computed.
constexpr std::size_t kAhead = 6;
// What a cosine may be off by when it is computed from codes.
constexpr float kCodeError = 0.01F;

// Codes swap neighbours now and then: some more than wanted are computed exactly.
std::size_t PoolSize(std::size_t count) { return count + count / 4 + 16; }

// The greatest cosine, in practice, between what a query and a vector have beside their cell's
// direction. One would make every bound sure, and let nothing be passed over. In d dimensions
// without any structure it has a standard deviation of 1/√d; with structure, fewer dimensions
// count.
float GreatestRest(std::size_t dimension) {
  constexpr float kDeviations = 4;
  constexpr float kLeast = 0.5F;
  return std::clamp(kDeviations / std::sqrt(static_cast<float>(dimension)), kLeast, 1.0F);
}

}  // namespace

std::span<const ScoredRow> RetrievalSearch::Find(const Retrieval& retrieval,
                                                 std::span<const float> query, std::size_t count,
                                                 const SkipRow& skip,
                                                 std::span<const float> others) {
  query_.Assign(query);
  best_.Reset(PoolSize(count));
  BoundCells(retrieval, Norm(query));
  ScanCells(retrieval, HighBound(), skip);
  ScanOthers(FactorRow{static_cast<std::uint32_t>(retrieval.rows())}, others, query, skip);
  best_.Tighten();
  ScanCells(retrieval, best_.threshold(), skip);

  std::span<ScoredRow> found = best_.Take();
  const auto is_built = [&](const ScoredRow& one) { return one.row.value < retrieval.rows(); };
  for (const ScoredRow& scored : found) {
    if (!is_built(scored)) continue;
    const std::span<const float> vector = retrieval.VectorOf(scored.row);
    constexpr std::size_t kNumbersPerLine = 16;
    for (std::size_t i = 0; i < vector.size(); i += kNumbersPerLine) __builtin_prefetch(&vector[i]);
  }
  for (ScoredRow& scored : found) {
    if (is_built(scored)) scored.score = InnerProduct(retrieval.VectorOf(scored.row), query);
  }
  std::sort(found.begin(), found.end(), Before);
  return found.first(std::min(count, found.size()));
}

void RetrievalSearch::BoundCells(const Retrieval& retrieval, float query_norm) {
  const Int8Blocks& directions = retrieval.cells_.codes();
  const float inverse = query_norm > 0 ? 1 / query_norm : 0;
  const float rest = GreatestRest(retrieval.dimension());
  reaches_.resize(directions.size() * kInt8Lanes);
  bounds_.resize(reaches_.size());
  Int8Blocks::Scores scores;
  for (std::size_t block = 0; block < directions.size(); ++block) {
    directions.Score(block, query_, 0, &scores);
    for (std::size_t lane = 0; lane < kInt8Lanes; ++lane) {
      // With θ between query and direction and φ between direction and vector, the cosine between
      // query and vector is cos θ cos φ + sin θ sin φ r, r being the cosine between the rests.
      const std::size_t cell = block * kInt8Lanes + lane;
      const float cosine = scores[lane] * inverse;
      const float sine = std::sqrt(std::max(0.0F, 1 - cosine * cosine));
      const float reach =
          cosine * retrieval.cosines_[cell] + sine * retrieval.sines_[cell] * rest + kCodeError;
      reaches_[cell] = query_norm * std::max(0.0F, reach);
      bounds_[cell] = reaches_[cell] * retrieval.norms_[cell];
    }
  }
  // Beyond the last cell there is nothing.
  std::fill(bounds_.begin() + static_cast<std::ptrdiff_t>(retrieval.cells_.size()), bounds_.end(),
            kScanned);
}

float RetrievalSearch::HighBound() {
  if (bounds_.size() <= kFirstCells) return kScanned;
  sorted_bounds_ = bounds_;
  const auto last = sorted_bounds_.begin() + (kFirstCells - 1);
  std::nth_element(sorted_bounds_.begin(), last, sorted_bounds_.end(), std::greater<>());
  return *last;
}

void RetrievalSearch::ScanCells(const Retrieval& retrieval, float least, const SkipRow& skip) {
  chosen_.clear();
  for (std::uint32_t cell = 0; cell < retrieval.cells_.size(); ++cell) {
    if (bounds_[cell] >= least && bounds_[cell] != kScanned) chosen_.push_back(cell);
  }
  for (std::size_t i = 0; i < chosen_.size(); ++i) {
    if (i + kAhead < chosen_.size()) {
      const std::uint32_t block = retrieval.first_blocks_[chosen_[i + kAhead]];
      if (block < retrieval.blocks_.size()) retrieval.blocks_.Prefetch(block);
    }
    ScanCell(retrieval, chosen_[i], skip);
  }
}

void RetrievalSearch::ScanCell(const Retrieval& retrieval, std::size_t cell, const SkipRow& skip) {
  bounds_[cell] = kScanned;
  const std::size_t end = retrieval.first_blocks_[cell + 1];
  Int8Blocks::Scores scores;
  for (std::size_t block = retrieval.first_blocks_[cell]; block < end; ++block) {
    if (reaches_[cell] * retrieval.block_norms_[block] < best_.threshold()) break;
    for (std::uint32_t lanes = retrieval.blocks_.Score(block, query_, best_.threshold(), &scores);
         lanes != 0; lanes &= lanes - 1) {
      const auto lane = static_cast<std::size_t>(std::countr_zero(lanes));
      const ScoredRow scored{scores[lane], retrieval.blocks_.RowAt(block * kInt8Lanes + lane)};
      if (!scored.row.valid() || !best_.Wants(scored) || (skip && skip(scored.row))) continue;
      best_.Offer(scored);
    }
  }
}

void RetrievalSearch::ScanOthers(FactorRow first, std::span<const float> vectors,
                                 std::span<const float> query, const SkipRow& skip) {
  FactorRow row = first;
  for (std::size_t at = 0; at < vectors.size(); at += query.size(), ++row.value) {
    const ScoredRow scored{InnerProduct(vectors.subspan(at, query.size()), query), row};
    if (best_.Wants(scored) && !(skip && skip(row))) best_.Offer(scored);
  }
}

}  // namespace freshet::core
