#include "core/pair_row.h"

#include <utility>

namespace freshet::core {

bool PairRow::Add(std::uint32_t item, std::int64_t change, std::uint32_t maximum) {
  const std::uint32_t at = IndexOf(item);
  if (at < size_) {
    const std::int64_t count = Column(1)[at] + change;
    if (count <= 0) {
      Remove(at);
    } else {
      Column(1)[at] = static_cast<std::uint32_t>(count);
      Column(2)[at] = std::min(Column(2)[at], Column(1)[at]);
    }
    return false;
  }
  // A pair that was evicted has nothing left to take from.
  if (change <= 0) return false;
  const auto count = static_cast<std::uint32_t>(change);
  if (size_ < maximum) {
    if (size_ == capacity_) Grow(std::min(maximum, std::max(4U, 2 * capacity_)));
    Column(0)[size_] = item;
    Column(1)[size_] = count;
    Column(2)[size_] = 0;
    ++size_;
    return false;
  }
  const std::uint32_t victim = Weakest();
  Column(0)[victim] = item;
  Column(2)[victim] = Column(1)[victim];
  Column(1)[victim] += count;
  return true;
}

PairRow::Columns PairRow::Resize(std::uint32_t size) {
  if (size > capacity_) Grow(size);
  size_ = size;
  return {Column(0), Column(1), Column(2)};
}

// Compares sixteen at a time without a branch in between, which the compiler turns into vector
// instructions: this is where ingest spends its time.
std::uint32_t PairRow::IndexOf(std::uint32_t item) const {
  constexpr std::uint32_t kBlock = 16;
  const std::uint32_t* items = Column(0);
  std::uint32_t i = 0;
  for (; i + kBlock <= size_; i += kBlock) {
    std::uint32_t hit = 0;
    for (std::uint32_t k = 0; k < kBlock; ++k)
      hit |= static_cast<std::uint32_t>(items[i + k] == item);
    if (hit != 0) break;
  }
  while (i < size_ && items[i] != item) ++i;
  return i;
}

// Of equal counts the older item, wherever it stands: rows that hold the same pairs then evict the
// same one, and newborn items get their chance.
std::uint32_t PairRow::Weakest() const {
  const std::uint32_t* items = Column(0);
  const std::uint32_t* counts = Column(1);
  std::uint32_t victim = 0;
  for (std::uint32_t i = 1; i < size_; ++i) {
    const bool smaller = counts[i] < counts[victim];
    const bool older = counts[i] == counts[victim] && items[i] < items[victim];
    if (smaller || older) victim = i;
  }
  return victim;
}

void PairRow::Grow(std::uint32_t capacity) {
  PairRow larger;
  larger.cells_ = std::make_unique<std::uint32_t[]>(std::size_t{3} * capacity);
  larger.capacity_ = capacity;
  larger.size_ = size_;
  for (std::size_t column = 0; column < 3; ++column) {
    std::copy_n(Column(column), size_, larger.Column(column));
  }
  *this = std::move(larger);
}

void PairRow::Remove(std::uint32_t index) {
  --size_;
  for (std::size_t column = 0; column < 3; ++column) Column(column)[index] = Column(column)[size_];
}

}  // namespace freshet::core
