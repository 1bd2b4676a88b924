// PairRow: the neighbours of one item with their counts, at most so many, by Space-Saving
// (Metwally, Agrawal, El Abbadi: "Efficient Computation of Frequent and Top-k Elements in Data
// Streams", ICDT 2005).
//
// When the row is full the smallest count gives way and the newcomer inherits it as its error, so
// count never falls below the true count and count - error never exceeds it. Of equal counts the
// next one after the last that gave way, round and round, so that each newcomer has the longest
// time to come again. Owned by Cooccurrence and Successions; single-threaded. One allocation a row:
// ingest touches a cold row for every pair it counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/bytes.h"
#include "core/heap_bytes.h"
#include "core/prefetch.h"

namespace freshet::core {

class PairRow {
 public:
  PairRow() = default;
  PairRow(PairRow&&) noexcept = default;
  PairRow& operator=(PairRow&&) noexcept = default;

  static constexpr std::uint32_t kMaximum = UINT16_MAX;

  // Adds `change` (which may be negative) to the count of `item`. An unknown item enters when the
  // change is positive; one whose count falls to zero leaves. True when the full row, of `maximum`
  // (at most kMaximum), had to evict.
  bool Add(std::uint32_t item, std::int64_t change, std::uint32_t maximum);

  // Side by side: items()[i] was counted counts()[i] times, of which errors()[i] may be inherited.
  [[nodiscard]] std::span<const std::uint32_t> items() const { return {Column(0), size_}; }
  [[nodiscard]] std::span<const std::uint32_t> counts() const { return {Column(1), size_}; }
  [[nodiscard]] std::span<const std::uint32_t> errors() const { return {Column(2), size_}; }
  // Hints that Add(item) follows: first the first, then the second.
  void Prefetch() const {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(cells_.get());
    for (std::size_t i = 0; i < kLeast * sizeof(std::uint32_t) + size_; i += kCacheLine) {
      PrefetchLine(bytes + i);
    }
  }
  void PrefetchPlace(std::uint32_t item) const;
  [[nodiscard]] bool empty() const { return size_ == 0; }
  // How many have room without another allocation.
  [[nodiscard]] std::uint32_t capacity() const { return capacity_; }
  // Bytes outside the object itself, and those of a row of that capacity.
  [[nodiscard]] std::size_t heap_bytes() const { return BytesOf(capacity_); }
  [[nodiscard]] static std::size_t BytesOf(std::size_t capacity) {
    return BlockBytes(CellCount(capacity) * sizeof(std::uint32_t));
  }

  // As it is stored: count varint, hand varint, then items, counts and errors, each narrow
  // (core/bytes.h).
  void Encode(ByteWriter* writer) const;
  // The row as it was encoded; what is damaged fails the reader. REQUIRES: empty().
  void Decode(ByteReader* reader);

 private:
  static constexpr std::size_t kLeast = 1;  // cells before the tags
  [[nodiscard]] static constexpr std::size_t TagCells(std::size_t capacity) {
    return (capacity + sizeof(std::uint32_t) - 1) / sizeof(std::uint32_t);
  }
  [[nodiscard]] static constexpr std::size_t CellCount(std::size_t capacity) {
    return capacity == 0 ? 0 : kLeast + TagCells(capacity) + 3 * capacity;
  }
  [[nodiscard]] const std::uint32_t* Column(std::size_t index) const {
    return cells_.get() + kLeast + TagCells(capacity_) + index * capacity_;
  }
  [[nodiscard]] std::uint32_t* Column(std::size_t index) {
    return cells_.get() + kLeast + TagCells(capacity_) + index * capacity_;
  }
  [[nodiscard]] const std::uint8_t* Tags() const {
    return reinterpret_cast<const std::uint8_t*>(cells_.get() + kLeast);
  }
  void SetItem(std::uint32_t index, std::uint32_t item);
  // The first place of the item's tag for which is_it(place) is true, or size_.
  template <typename IsIt>
  [[nodiscard]] std::uint32_t SearchTags(std::uint32_t item, IsIt&& is_it) const;
  [[nodiscard]] std::uint32_t IndexOf(std::uint32_t item) const;
  [[nodiscard]] std::uint32_t TakeWeakest();
  void Grow(std::uint32_t capacity);
  void Remove(std::uint32_t index);

  // A number that no count is below; then a byte of each item, which a search reads in place of the
  // item; then all items, all counts, all errors. Errors from size_ on are 0.
  std::unique_ptr<std::uint32_t[]> cells_;
  std::uint16_t size_ = 0;
  std::uint16_t capacity_ = 0;
  std::uint16_t hand_ = 0;  // where the search for who gives way goes on
};

}  // namespace freshet::core
