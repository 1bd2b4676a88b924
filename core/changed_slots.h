// ChangedSlots: which dense slots changed since the last checkpoint, each once, in ascending order:
// rows are then read where they lie side by side, and stored where the one before them was.
//
// Owned by the structure whose slots it marks; single-threaded.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace freshet::core {

class ChangedSlots {
 public:
  void Mark(std::uint32_t slot) {
    if (slot >= marked_.size()) marked_.resize(std::max<std::size_t>(slot + 1, marked_.size() * 2));
    if (marked_[slot]) return;
    marked_[slot] = true;
    slots_.push_back(slot);
  }

  // Calls visit(slot) for each, ascending, and forgets them all.
  template <typename Visit>
  void Take(Visit&& visit) {
    std::sort(slots_.begin(), slots_.end());
    for (const std::uint32_t slot : slots_) {
      marked_[slot] = false;
      visit(slot);
    }
    slots_.clear();
  }

  [[nodiscard]] std::size_t size() const { return slots_.size(); }

 private:
  std::vector<bool> marked_;
  std::vector<std::uint32_t> slots_;
};

}  // namespace freshet::core
