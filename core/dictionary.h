// Dictionary: external string ids to dense ids and back.
//
// Owned by the structure whose slots it names; single-threaded (readers of one instance may run
// side by side while nobody writes). Slots are given by the owner, so the same class serves
// structures that reuse slots and those that do not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/prefetch.h"

namespace freshet::core {

class Dictionary {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // The slot of `name`, or kNone.
  [[nodiscard]] std::uint32_t Find(std::string_view name) const;

  // Asks the processor for what Find(name) will read: first where the name hashes to, then, once
  // that has arrived, the name stored there.
  void PrefetchCell(std::string_view name) const {
    if (!cells_.empty()) PrefetchLine(&cells_[Home(Hash(name))]);
  }
  // Returns the slot that Find(name) will most likely return, or kNone.
  std::uint32_t PrefetchName(std::string_view name) const {
    if (cells_.empty()) return kNone;
    const std::uint32_t hash = Hash(name);
    std::size_t i = Home(hash);
    while (cells_[i].slot != kNone && cells_[i].hash != hash) i = Next(i);
    if (cells_[i].slot != kNone) PrefetchObject(names_[cells_[i].slot]);
    return cells_[i].slot;
  }

  // Binds `name`, which is not empty, to `slot`. REQUIRES: neither is bound.
  void Insert(std::string_view name, std::uint32_t slot);

  // Frees the slot and forgets its name. REQUIRES: slot is bound.
  void Erase(std::uint32_t slot);

  // The name bound to `slot`; empty when it is not bound. Valid until the slot is erased or any
  // name is inserted.
  [[nodiscard]] std::string_view Name(std::uint32_t slot) const;
  // Hints that Name(slot) follows.
  void Prefetch(std::uint32_t slot) const {
    if (slot < names_.size()) PrefetchObject(names_[slot]);
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Cell {
    std::uint32_t slot = kNone;
    std::uint32_t hash = 0;
  };

  static std::uint32_t Hash(std::string_view name);
  [[nodiscard]] std::size_t Home(std::uint32_t hash) const { return hash & (cells_.size() - 1); }
  [[nodiscard]] std::size_t Next(std::size_t cell) const {
    return (cell + 1) & (cells_.size() - 1);
  }
  void Place(Cell cell);
  void Grow();

  std::vector<Cell> cells_;  // open addressing, linear probing, a power of two, at most half full
  std::vector<std::string> names_;  // by slot
  std::size_t size_ = 0;
  std::size_t name_bytes_ = 0;  // of the names too long to lie in their std::string
};

}  // namespace freshet::core
