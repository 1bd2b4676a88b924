// ChangedSlots: which dense slots changed since the last checkpoint, each once, in order of first
// change.
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

  // Calls visit(slot) for each and forgets them all.
  template <typename Visit>
  void Take(Visit&& visit) {
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
