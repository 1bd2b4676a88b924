// DirectionCells: vectors in groups of about one direction, by spherical k-means (Dhillon, Modha:
// "Concept Decompositions for Large Sparse Text Data Using Clustering", Machine Learning 42, 2001)
// over a sample. The coarse half of Retrieval.
//
// Immutable once learned; any thread may read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/factors/int8_blocks.h"
#include "core/factors/workers.h"

namespace freshet::core {

class DirectionCells {
 public:
  // As many cells as `count`, or none if there are no vectors. Cells may stay without vectors. The
  // same vectors give the same cells, whatever the workers.
  // REQUIRES: vectors.size() is a multiple of dimension; all numbers are finite.
  static DirectionCells Learn(std::span<const float> vectors, std::size_t dimension,
                              std::size_t count, Workers* workers);

  [[nodiscard]] std::size_t size() const { return count_; }

  // The cell whose direction is nearest to the query's; the first of equals. REQUIRES: size() > 0.
  [[nodiscard]] std::uint32_t Nearest(const Int8Query& query) const;

  // The direction's unit vector. REQUIRES: cell < size().
  [[nodiscard]] std::span<const float> Direction(std::size_t cell) const {
    return std::span(directions_).subspan(cell * dimension_, dimension_);
  }
  // The same as codes, eight cells to a block, in order.
  [[nodiscard]] const Int8Blocks& codes() const { return codes_; }

  [[nodiscard]] std::size_t HeapBytes() const {
    return directions_.capacity() * sizeof(float) + codes_.HeapBytes();
  }

 private:
  DirectionCells(std::size_t dimension, std::size_t count);

  // Makes the direction that of `vector`; a zero vector changes nothing.
  void Point(std::size_t cell, std::span<const float> vector);

  std::size_t dimension_;
  std::size_t count_;
  std::vector<float> directions_;
  Int8Blocks codes_;
};

}  // namespace freshet::core
