#include "core/pair_row.h"

#include <cstring>
#include <utility>

namespace freshet::core {
namespace {

// Four ids side by side; GCC and Clang make vector instructions of it on every processor.
using Lanes = std::uint32_t __attribute__((vector_size(16)));
constexpr std::uint32_t kLanes = 4;
constexpr std::uint32_t kBlock = 4 * kLanes;  // one cache line

Lanes Load(const std::uint32_t* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}

constexpr Lanes kHighest = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};

Lanes Smaller(Lanes a, Lanes b) { return a < b ? a : b; }

std::uint32_t SmallestOf(Lanes lanes) {
  return std::min(std::min(lanes[0], lanes[1]), std::min(lanes[2], lanes[3]));
}

// Whether one of the kBlock ids at `items` is `item`.
bool IsInBlock(const std::uint32_t* items, Lanes item) {
  const auto hit = (Load(items) == item) | (Load(items + kLanes) == item) |
                   (Load(items + 2 * kLanes) == item) | (Load(items + 3 * kLanes) == item);
  std::uint64_t halves[2];
  static_assert(sizeof(halves) == sizeof(hit));
  std::memcpy(halves, &hit, sizeof(hit));
  return (halves[0] | halves[1]) != 0;
}

}  // namespace

bool PairRow::Add(std::uint32_t item, std::int64_t change, std::uint32_t maximum) {
  const std::uint32_t at = IndexOf(item);
  if (at < size_) {
    const std::int64_t count = Column(1)[at] + change;
    if (count <= 0) {
      Remove(at);
      return false;
    }
    Column(1)[at] = static_cast<std::uint32_t>(count);
    // A count that grows stays above its error, whose cache line is then not needed.
    if (change < 0) Column(2)[at] = std::min(Column(2)[at], Column(1)[at]);
    return false;
  }
  // A pair that was evicted has nothing left to take from.
  if (change <= 0) return false;
  const auto count = static_cast<std::uint32_t>(change);
  if (size_ < maximum) {
    if (size_ == capacity_) Grow(std::min(maximum, std::max(4U, 2 * capacity_)));
    Column(0)[size_] = item;
    Column(1)[size_] = count;  // its error is 0 already
    ++size_;
    return false;
  }
  const std::uint32_t victim = Weakest();
  Column(0)[victim] = item;
  Column(2)[victim] = Column(1)[victim];
  Column(1)[victim] += count;
  return true;
}

void PairRow::Encode(ByteWriter* writer) const {
  writer->Varint(size_);
  for (std::size_t column = 0; column < 3; ++column) writer->Narrow(Column(column), size_);
}

void PairRow::Decode(ByteReader* reader) {
  // No count is 0, so that each pair takes a byte at least.
  const auto size = static_cast<std::uint32_t>(reader->Count());
  if (size > capacity_) Grow(size);
  size_ = size;
  for (std::size_t column = 0; column < 3; ++column) reader->Narrow(Column(column), size_);
}

// Ingest spends more of its time here than anywhere else.
std::uint32_t PairRow::IndexOf(std::uint32_t item) const {
  const std::uint32_t* items = Column(0);
  const Lanes wanted = {item, item, item, item};
  std::uint32_t i = 0;
  while (i + kBlock <= size_ && !IsInBlock(items + i, wanted)) i += kBlock;
  while (i < size_ && items[i] != item) ++i;
  return i;
}

// Of equal counts the older item, wherever it stands: rows that hold the same pairs then evict the
// same one, and newborn items get their chance.
std::uint32_t PairRow::Weakest() const {
  const std::uint32_t* items = Column(0);
  const std::uint32_t* counts = Column(1);
  const std::uint32_t whole = size_ - size_ % kLanes;
  Lanes least = kHighest;
  for (std::uint32_t i = 0; i < whole; i += kLanes) least = Smaller(Load(counts + i), least);
  std::uint32_t count = SmallestOf(least);
  for (std::uint32_t i = whole; i < size_; ++i) count = std::min(count, counts[i]);

  const Lanes wanted = {count, count, count, count};
  Lanes oldest = kHighest;
  for (std::uint32_t i = 0; i < whole; i += kLanes) {
    const Lanes held = Load(items + i);
    oldest = Smaller(Load(counts + i) == wanted ? held : kHighest, oldest);
  }
  std::uint32_t item = SmallestOf(oldest);
  for (std::uint32_t i = whole; i < size_; ++i) {
    if (counts[i] == count) item = std::min(item, items[i]);
  }
  return IndexOf(item);
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
  Column(2)[size_] = 0;
}

}  // namespace freshet::core
