#include "core/factors/direction_cells.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "core/factors/inner_product.h"
#include "core/hash.h"

namespace freshet::core {
namespace {

constexpr std::size_t kSamplePerCell = 50;
constexpr int kRounds = 4;  // more change next to nothing
constexpr std::size_t kRowsPerPart = 4096;

// Rows that are spread evenly, but in no step that an order of the catalogue could have.
std::vector<std::size_t> SampleRows(std::size_t rows, std::size_t wanted) {
  const std::size_t count = std::min(rows, wanted);
  std::vector<std::size_t> sample(count);
  for (std::size_t i = 0; i < count; ++i) {
    constexpr std::uint64_t kStep = 0xD6E8FEB86659FD93;
    const std::size_t from = i * rows / count;
    const std::size_t to = (i + 1) * rows / count;
    sample[i] = from + FoldedProduct(i + 1, kStep) % (to - from);
  }
  return sample;
}

}  // namespace

DirectionCells::DirectionCells(std::size_t dimension, std::size_t count)
    : dimension_(dimension), count_(count), directions_(dimension * count), codes_(dimension) {
  codes_.Resize((count + kInt8Lanes - 1) / kInt8Lanes);
}

DirectionCells DirectionCells::Learn(std::span<const float> vectors, std::size_t dimension,
                                     std::size_t count, Workers* workers) {
  const std::size_t rows = vectors.size() / dimension;
  DirectionCells cells(dimension, rows == 0 ? 0 : count);
  const auto row_of = [&](std::size_t row) { return vectors.subspan(row * dimension, dimension); };
  const std::vector<std::size_t> sample = SampleRows(rows, count * kSamplePerCell);
  for (std::size_t cell = 0; cell < cells.size(); ++cell) {
    cells.Point(cell, row_of(sample[cell * sample.size() / count]));
  }
  std::vector<std::uint32_t> nearest(sample.size());
  for (int round = 0; round < kRounds; ++round) {
    workers->Run((sample.size() + kRowsPerPart - 1) / kRowsPerPart,
                 [&](std::size_t, std::size_t part) {
                   Int8Query query;
                   const std::size_t end = std::min(sample.size(), (part + 1) * kRowsPerPart);
                   for (std::size_t i = part * kRowsPerPart; i < end; ++i) {
                     query.Assign(row_of(sample[i]));
                     nearest[i] = cells.Nearest(query);
                   }
                 });
    // Long vectors count for more: they are what is asked for.
    std::vector<float> sums(dimension * count);
    for (std::size_t i = 0; i < sample.size(); ++i) {
      const std::span<const float> vector = row_of(sample[i]);
      float* sum = &sums[nearest[i] * dimension];
      for (std::size_t k = 0; k < dimension; ++k) sum[k] += vector[k];
    }
    for (std::size_t cell = 0; cell < cells.size(); ++cell) {
      cells.Point(cell, std::span<const float>(sums).subspan(cell * dimension, dimension));
    }
  }
  return cells;
}

std::uint32_t DirectionCells::Nearest(const Int8Query& query) const {
  Int8Blocks::Scores scores;
  float best = -std::numeric_limits<float>::infinity();
  std::size_t nearest = 0;
  for (std::size_t block = 0; block < codes_.size(); ++block) {
    for (std::uint32_t lanes = codes_.Score(block, query, best, &scores); lanes != 0;
         lanes &= lanes - 1) {
      const auto lane = static_cast<std::size_t>(std::countr_zero(lanes));
      const std::size_t cell = block * kInt8Lanes + lane;
      if (scores[lane] <= best || cell >= count_) continue;
      best = scores[lane];
      nearest = cell;
    }
  }
  return static_cast<std::uint32_t>(nearest);
}

void DirectionCells::Point(std::size_t cell, std::span<const float> vector) {
  const float norm = Norm(vector);
  if (norm == 0) return;
  float* direction = &directions_[cell * dimension_];
  for (std::size_t i = 0; i < dimension_; ++i) direction[i] = vector[i] / norm;
  codes_.Set(cell, Direction(cell), FactorRow{});
}

}  // namespace freshet::core
