// The innermost loop of retrieval: one query against eight vectors of int8 codes.
//
// A block is what one call reads, in this order:
//
//   codes    8 bytes a dimension; of each four dimensions the four codes of the first vector, then
//   of
//            the second, ...; a code is the number over the vector's scale, rounded, plus 128
//   scales   8 floats
//   rows     8 row numbers, which the loop leaves alone
//
// with zeros after the vectors' own dimensions up to a multiple of eight. So a block of 64
// dimensions is nine cache lines. A query's codes are its numbers over its own scale, -63 to 63:
// two products of a code and a query's code then fit into 16 bits, which is what the processor's
// instruction adds up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace freshet::core {

constexpr std::size_t kInt8Lanes = 8;
constexpr std::int32_t kInt8Zero = 128;  // the code of a zero

// A query in the form the kernel wants. Assign again for each query: a warm one allocates nothing.
class Int8Query {
 public:
  // REQUIRES: all numbers are finite.
  void Assign(std::span<const float> vector);

  // Filled up to a multiple of eight.
  [[nodiscard]] const std::vector<std::int8_t>& codes() const { return codes_; }
  [[nodiscard]] float scale() const { return scale_; }
  // What the 128 in each code of a block adds to the sum of products.
  [[nodiscard]] std::int32_t excess() const { return excess_; }

 private:
  std::vector<std::int8_t> codes_;
  float scale_ = 0;
  std::int32_t excess_ = 0;
};

// Writes the eight inner products to `scores`, and returns a bit for each that is at least
// `threshold`.
using Int8Kernel = std::uint32_t (*)(const std::uint8_t* block, const Int8Query& query,
                                     float threshold, float* scores);

// Runs on every processor.
std::uint32_t PortableInt8Kernel(const std::uint8_t* block, const Int8Query& query, float threshold,
                                 float* scores);

// The fastest that this processor has. All give the same numbers, bit for bit.
Int8Kernel BestInt8Kernel();

}  // namespace freshet::core
