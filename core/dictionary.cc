#include "core/dictionary.h"

#include "core/hash.h"
#include "core/heap_bytes.h"

namespace freshet::core {
namespace {

constexpr std::size_t kFirstCells = 16;

// What the string keeps outside its own object.
std::size_t HeapBytes(const std::string& name) {
  static const std::size_t inline_capacity = std::string().capacity();
  return name.capacity() > inline_capacity ? BlockBytes(name.capacity() + 1) : 0;
}

}  // namespace

std::uint32_t Dictionary::Hash(std::string_view name) {
  return static_cast<std::uint32_t>(FastHash(name));
}

std::uint32_t Dictionary::Find(std::string_view name) const {
  if (cells_.empty()) return kNone;
  const std::uint32_t hash = Hash(name);
  for (std::size_t i = Home(hash);; i = Next(i)) {
    const Cell& cell = cells_[i];
    if (cell.slot == kNone) return kNone;
    if (cell.hash == hash && names_[cell.slot] == name) return cell.slot;
  }
}

void Dictionary::Insert(std::string_view name, std::uint32_t slot) {
  if (2 * (size_ + 1) > cells_.size()) Grow();
  if (slot >= names_.size()) names_.resize(std::size_t{slot} + 1);
  names_[slot] = std::string(name);
  name_bytes_ += HeapBytes(names_[slot]);
  Place({slot, Hash(name)});
  ++size_;
}

void Dictionary::Erase(std::uint32_t slot) {
  std::size_t hole = Home(Hash(names_[slot]));
  while (cells_[hole].slot != slot) hole = Next(hole);
  // Backward shift: whatever probed across the hole moves into it, so no tombstone is left.
  for (std::size_t i = Next(hole); cells_[i].slot != kNone; i = Next(i)) {
    const std::size_t distance = (i - Home(cells_[i].hash)) & (cells_.size() - 1);
    if (distance < ((i - hole) & (cells_.size() - 1))) continue;
    cells_[hole] = cells_[i];
    hole = i;
  }
  cells_[hole] = Cell();
  name_bytes_ -= HeapBytes(names_[slot]);
  names_[slot] = std::string();
  --size_;
}

std::string_view Dictionary::Name(std::uint32_t slot) const {
  return slot < names_.size() ? std::string_view(names_[slot]) : std::string_view();
}

std::size_t Dictionary::bytes() const {
  return ArrayBytesOf(cells_) + ArrayBytesOf(names_) + name_bytes_;
}

void Dictionary::Place(Cell cell) {
  std::size_t i = Home(cell.hash);
  while (cells_[i].slot != kNone) i = Next(i);
  cells_[i] = cell;
}

void Dictionary::Grow() {
  std::vector<Cell> old(cells_.empty() ? kFirstCells : 2 * cells_.size());
  old.swap(cells_);
  for (const Cell& cell : old) {
    if (cell.slot != kNone) Place(cell);
  }
}

}  // namespace freshet::core
