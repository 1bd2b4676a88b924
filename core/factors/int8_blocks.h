// Int8Blocks: vectors as codes of eight bits, eight vectors to a block
// (core/factors/int8_kernel.h).
//
// One byte a dimension and eight for scale and row number: a fifth to a quarter of the vectors as
// float32. Inner products come out within about half a percent of the norms' product.
//
// Plain data with one owner; many may read while nobody writes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/factors/int8_kernel.h"
#include "core/factors/scored_row.h"

namespace freshet::core {

class Int8Blocks {
 public:
  using Scores = std::array<float, kInt8Lanes>;

  explicit Int8Blocks(std::size_t dimension)
      : code_lines_((dimension + kInt8Lanes - 1) / kInt8Lanes), kernel_(BestInt8Kernel()) {}

  [[nodiscard]] std::size_t size() const { return lines_.size() / lines_per_block(); }
  // New blocks are of zero vectors with invalid rows.
  void Resize(std::size_t blocks);

  // A place is a block's number times eight plus the lane. REQUIRES: the place is within size(),
  // and the numbers are finite.
  void Set(std::size_t place, std::span<const float> vector, FactorRow row);
  // Makes the place one of no row.
  void Clear(std::size_t place) { SetRow(place, FactorRow{}); }
  [[nodiscard]] FactorRow RowAt(std::size_t place) const;

  // Writes the products of the query with the block's vectors and returns a bit for each that is at
  // least `threshold`. REQUIRES: the query has the dimension of the vectors.
  std::uint32_t Score(std::size_t block, const Int8Query& query, float threshold,
                      Scores* scores) const {
    return kernel_(Block(block), query, threshold, scores->data());
  }

  // Asks for the block's memory, which comes while something else is done.
  void Prefetch(std::size_t block) const {
    const Line* lines = &lines_[block * lines_per_block()];
    for (std::size_t i = 0; i < lines_per_block(); ++i) __builtin_prefetch(lines + i);
  }

  [[nodiscard]] std::size_t HeapBytes() const { return lines_.capacity() * sizeof(Line); }

 private:
  struct alignas(64) Line {
    std::array<std::uint8_t, 64> bytes;
  };
  static_assert(sizeof(Line) == kInt8Lanes * (sizeof(float) + sizeof(FactorRow)));

  // Eight dimensions of codes to a line, and one line of scales and rows.
  [[nodiscard]] std::size_t lines_per_block() const { return code_lines_ + 1; }
  [[nodiscard]] const std::uint8_t* Block(std::size_t block) const {
    return lines_[block * lines_per_block()].bytes.data();
  }
  void SetRow(std::size_t place, FactorRow row);

  std::size_t code_lines_;
  Int8Kernel kernel_;
  std::vector<Line> lines_;
};

}  // namespace freshet::core
