// PairRow: the neighbours of one item with their counts, at most so many, by Space-Saving
// (Metwally, Agrawal, El Abbadi: "Efficient Computation of Frequent and Top-k Elements in Data
// Streams", ICDT 2005).
//
// When the row is full the smallest count gives way and the newcomer inherits it as its error, so
// count never falls below the true count and count - error never exceeds it. Owned by Cooccurrence
// and Successions; single-threaded. One allocation a row: ingest touches a cold row for every pair
// it counts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/bytes.h"
#include "core/heap_bytes.h"

namespace freshet::core {

class PairRow {
 public:
  PairRow() = default;
  PairRow(PairRow&&) noexcept = default;
  PairRow& operator=(PairRow&&) noexcept = default;

  // Adds `change` (which may be negative) to the count of `item`. An unknown item enters when the
  // change is positive; one whose count falls to zero leaves. True when the full row, of `maximum`,
  // had to evict.
  bool Add(std::uint32_t item, std::int64_t change, std::uint32_t maximum);

  // Side by side: items()[i] was counted counts()[i] times, of which errors()[i] may be inherited.
  [[nodiscard]] std::span<const std::uint32_t> items() const { return {Column(0), size_}; }
  [[nodiscard]] std::span<const std::uint32_t> counts() const { return {Column(1), size_}; }
  [[nodiscard]] std::span<const std::uint32_t> errors() const { return {Column(2), size_}; }
  // Asks the processor for the cells that Add will look at first.
  void Prefetch() const {
    constexpr std::size_t kCellsALine = 16;
    const std::uint32_t* cells = cells_.get();
    __builtin_prefetch(cells);
    if (size_ > kCellsALine) __builtin_prefetch(cells + kCellsALine);
    __builtin_prefetch(cells + capacity_);
  }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  // Bytes outside the object itself.
  [[nodiscard]] std::size_t heap_bytes() const {
    return BlockBytes(3 * capacity_ * sizeof(std::uint32_t));
  }

  // As it is stored: count varint, then items, counts and errors, each narrow (core/bytes.h).
  void Encode(ByteWriter* writer) const;
  // The row as it was encoded; what is damaged fails the reader. REQUIRES: empty().
  void Decode(ByteReader* reader);

 private:
  [[nodiscard]] const std::uint32_t* Column(std::size_t index) const {
    return cells_.get() + index * capacity_;
  }
  [[nodiscard]] std::uint32_t* Column(std::size_t index) {
    return cells_.get() + index * capacity_;
  }
  [[nodiscard]] std::uint32_t IndexOf(std::uint32_t item) const;
  [[nodiscard]] std::uint32_t Weakest() const;
  void Grow(std::uint32_t capacity);
  void Remove(std::uint32_t index);

  // All items, then all counts, then all errors; errors from size_ on are 0.
  std::unique_ptr<std::uint32_t[]> cells_;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
};

}  // namespace freshet::core
