#include "core/pair_row.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

namespace freshet::core {
namespace {

// Side by side; GCC and Clang make vector instructions of them on every processor.
using Lanes = std::uint32_t __attribute__((vector_size(16)));
using TagLanes = std::uint8_t __attribute__((vector_size(16)));
constexpr std::uint32_t kLanes = 4;
constexpr std::uint32_t kBlock = 4 * kLanes;  // one cache line of numbers
static_assert(sizeof(TagLanes) == kBlock);

Lanes Load(const std::uint32_t* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}

template <typename Comparison>
bool IsAny(Comparison hit) {
  std::uint64_t halves[2];
  static_assert(sizeof(halves) == sizeof(hit));
  std::memcpy(halves, &hit, sizeof(hit));
  return (halves[0] | halves[1]) != 0;
}

// The first place in [from, to) that holds `value`, or `to`.
std::uint32_t Find(const std::uint32_t* values, std::uint32_t from, std::uint32_t to,
                   std::uint32_t value) {
  const Lanes wanted = {value, value, value, value};
  std::uint32_t i = from;
  for (; i + kBlock <= to; i += kBlock) {
    if (IsAny((Load(values + i) == wanted) | (Load(values + i + kLanes) == wanted) |
              (Load(values + i + 2 * kLanes) == wanted) |
              (Load(values + i + 3 * kLanes) == wanted))) {
      break;
    }
  }
  while (i < to && values[i] != value) ++i;
  return i;
}

// REQUIRES: size > 0.
std::uint32_t Least(const std::uint32_t* values, std::uint32_t size) {
  const std::uint32_t whole = size - size % kLanes;
  Lanes lanes = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
  for (std::uint32_t i = 0; i < whole; i += kLanes) {
    const Lanes held = Load(values + i);
    lanes = held < lanes ? held : lanes;
  }
  std::uint32_t least = std::min(std::min(lanes[0], lanes[1]), std::min(lanes[2], lanes[3]));
  for (std::uint32_t i = whole; i < size; ++i) least = std::min(least, values[i]);
  return least;
}

constexpr std::uint64_t kLowBits = 0x0101010101010101;

std::uint8_t TagOf(std::uint32_t item) { return static_cast<std::uint8_t>(item); }

}  // namespace

bool PairRow::Add(std::uint32_t item, std::int64_t change, std::uint32_t maximum) {
  const std::uint32_t at = IndexOf(item);
  if (at < size_) {
    const std::int64_t sum = Column(1)[at] + change;
    if (sum <= 0) {
      Remove(at);
      return false;
    }
    const auto count = static_cast<std::uint32_t>(sum);
    Column(1)[at] = count;
    if (change < 0) {
      // A count that grows stays above its error, whose cache line is then not needed.
      Column(2)[at] = std::min(Column(2)[at], count);
      cells_[0] = std::min(cells_[0], count);
    }
    return false;
  }
  // A pair that was evicted has nothing left to take from.
  if (change <= 0) return false;
  const auto count = static_cast<std::uint32_t>(change);
  if (size_ < maximum) {
    if (size_ == capacity_) Grow(std::min(maximum, std::max(4U, 2U * capacity_)));
    SetItem(size_, item);
    Column(1)[size_] = count;  // its error is 0 already
    cells_[0] = std::min(cells_[0], count);
    ++size_;
    return false;
  }
  const std::uint32_t victim = TakeWeakest();
  SetItem(victim, item);
  Column(2)[victim] = Column(1)[victim];
  Column(1)[victim] += count;
  return true;
}

void PairRow::Encode(ByteWriter* writer) const {
  writer->Varint(size_);
  writer->Varint(hand_);
  for (std::size_t column = 0; column < 3; ++column) writer->Narrow(Column(column), size_);
}

void PairRow::Decode(ByteReader* reader) {
  // No count is 0, so that each pair takes a byte at least.
  const std::uint64_t size = reader->Count();
  const std::uint64_t hand = reader->Varint();
  if (size > kMaximum || hand > size) return reader->Fail();
  if (size > capacity_) Grow(static_cast<std::uint32_t>(size));
  size_ = static_cast<std::uint16_t>(size);
  hand_ = static_cast<std::uint16_t>(hand);
  for (std::size_t column = 0; column < 3; ++column) reader->Narrow(Column(column), size_);
  for (std::uint32_t i = 0; i < size_; ++i) SetItem(i, Column(0)[i]);
}

void PairRow::SetItem(std::uint32_t index, std::uint32_t item) {
  Column(0)[index] = item;
  reinterpret_cast<std::uint8_t*>(cells_.get() + kLeast)[index] = TagOf(item);
}

// Ingest spends more of its time here than anywhere else. A block may reach beyond the tags into
// the items, which are as long at least.
template <typename IsIt>
std::uint32_t PairRow::SearchTags(std::uint32_t item, IsIt&& is_it) const {
  const TagLanes wanted = TagLanes{} + TagOf(item);
  for (std::uint32_t i = 0; i < size_; i += kBlock) {
    TagLanes tags;
    std::memcpy(&tags, Tags() + i, sizeof(tags));
    const auto equal = tags == wanted;
    std::array<std::uint64_t, 2> halves;
    std::memcpy(halves.data(), &equal, sizeof(halves));
    if ((halves[0] | halves[1]) == 0) continue;
    for (std::uint32_t half = 0; half < halves.size(); ++half) {
      // One bit of the eight of each tag that is equal.
      for (std::uint64_t hits = halves[half] & kLowBits; hits != 0; hits &= hits - 1) {
        const auto at = i + 8 * half + static_cast<std::uint32_t>(std::countr_zero(hits)) / 8;
        if (at < size_ && is_it(at)) return at;
      }
    }
  }
  return size_;
}

std::uint32_t PairRow::IndexOf(std::uint32_t item) const {
  return SearchTags(item, [&](std::uint32_t at) { return Column(0)[at] == item; });
}

void PairRow::PrefetchPlace(std::uint32_t item) const {
  if (capacity_ == 0) return;
  // The first of that tag is most likely the item; one that is not there comes at the end, or in
  // the place of who gives way.
  std::uint32_t at = SearchTags(item, [](std::uint32_t /*at*/) { return true; });
  if (at == capacity_) at = std::min<std::uint32_t>(hand_, size_ - 1U);
  PrefetchLine(Column(0) + at);
  PrefetchLine(Column(1) + at);
}

// Takes few steps for each that gives way: those of the least count are passed one after the other,
// and the row is searched for the next count only when none of that is left.
std::uint32_t PairRow::TakeWeakest() {
  const std::uint32_t* counts = Column(1);
  for (;;) {
    std::uint32_t at = Find(counts, hand_, size_, cells_[0]);
    if (at == size_) at = Find(counts, 0, size_, cells_[0]);
    if (at < size_) {
      hand_ = static_cast<std::uint16_t>(at + 1);
      return at;
    }
    cells_[0] = Least(counts, size_);
  }
}

void PairRow::Grow(std::uint32_t capacity) {
  PairRow larger;
  larger.cells_ = std::make_unique<std::uint32_t[]>(CellCount(capacity));
  larger.capacity_ = static_cast<std::uint16_t>(capacity);
  larger.size_ = size_;
  larger.hand_ = hand_;
  if (capacity_ > 0) std::copy_n(cells_.get(), kLeast + TagCells(size_), larger.cells_.get());
  for (std::size_t column = 0; column < 3; ++column) {
    std::copy_n(Column(column), size_, larger.Column(column));
  }
  *this = std::move(larger);
}

void PairRow::Remove(std::uint32_t index) {
  --size_;
  SetItem(index, Column(0)[size_]);
  for (std::size_t column = 1; column < 3; ++column) Column(column)[index] = Column(column)[size_];
  Column(2)[size_] = 0;
  hand_ = std::min(hand_, size_);
}

}  // namespace freshet::core
