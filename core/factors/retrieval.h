// Retrieval: the items whose vectors have the greatest inner product with a query, without
// computing them all. Approximate in what it looks at, exact in the scores it gives.
//
// An inverted file over directions. Each item lies in the cell of its vector's direction, as int8
// codes, the long vectors first. A search bounds what a cell can hold from the angle between query
// and cell, and from the norms: it reads the cells that may hold something better than what it has
// found, each only as far down as its norms allow, and computes the best few anew from the float32
// vectors. So a catalogue of widely varied norms is quick to search, and leaving items out costs no
// recall: the search goes on until nothing that is left could be better than what is allowed.
//
// Immutable once it is built, beside what is running; then any thread may search (RetrievalSearch).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/factors/direction_cells.h"
#include "core/factors/int8_blocks.h"
#include "core/factors/scored_row.h"
#include "core/factors/workers.h"

namespace freshet::core {

class Retrieval {
 public:
  // Over `vectors`, row after row, which must stay where they are: they are read for the scores.
  // The same vectors give the same object, whatever the workers; the calling thread alone when they
  // are null. REQUIRES: dimension > 0;
  // vectors.size() is a multiple of it; all numbers and norms are finite.
  static Retrieval Build(std::span<const float> vectors, std::size_t dimension,
                         Workers* workers = nullptr);

  [[nodiscard]] std::size_t dimension() const { return dimension_; }
  [[nodiscard]] std::size_t rows() const { return vectors_.size() / dimension_; }

  // Without the vectors it was built over.
  [[nodiscard]] std::size_t HeapBytes() const;

 private:
  friend class RetrievalSearch;

  Retrieval(std::span<const float> vectors, std::size_t dimension, DirectionCells cells);

  void Place(Workers* workers);
  // Sorts the cell's rows by norm, fills its blocks, and notes what bounds it.
  void FillCell(std::size_t cell, std::span<FactorRow> rows, std::span<const float> norms);
  [[nodiscard]] std::span<const float> VectorOf(FactorRow row) const {
    return vectors_.subspan(row.value * dimension_, dimension_);
  }

  std::span<const float> vectors_;
  std::size_t dimension_;
  DirectionCells cells_;
  // For each cell, and zero for the lanes beyond: its greatest norm, and the means over its vectors
  // of cosine and sine of the angle to its direction.
  std::vector<float> norms_;
  std::vector<float> cosines_;
  std::vector<float> sines_;
  std::vector<std::uint32_t> first_blocks_;  // for each cell, and where the last one ends
  std::vector<float> block_norms_;           // the greatest of each block
  Int8Blocks blocks_;
};

}  // namespace freshet::core
