// SlotList: a set of dense slots in ascending order, read from the newest back.
//
// Owned by the structure whose slots it lists; single-threaded. Slots are mostly born in order, so
// Add is an append then; an erased slot stays as a mark until such marks are half of the list, so
// that deleting a whole catalogue does not move it again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/heap_bytes.h"

namespace freshet::core {

class SlotList {
 public:
  // Slots are below this.
  static constexpr std::uint32_t kLimit = 1U << 31;

  // REQUIRES: the slot is not in the list.
  void Add(std::uint32_t slot);
  // REQUIRES: it is.
  void Erase(std::uint32_t slot);

  // The first and the last slot. REQUIRES: size() > 0.
  [[nodiscard]] std::uint32_t Least() const;
  [[nodiscard]] std::uint32_t Greatest() const;

  [[nodiscard]] std::size_t size() const { return marked_.size() - erased_; }

  // Calls visit(slot) from the greatest below `end` downwards, until it returns false.
  template <typename Visit>
  void ForEachBelow(std::uint32_t end, Visit&& visit) const {
    for (auto one = LowerBound(end); one != marked_.begin();) {
      --one;
      if ((*one & kErased) == 0 && !visit(*one)) return;
    }
  }

  [[nodiscard]] std::size_t bytes() const { return BlockBytesOf(marked_); }

 private:
  static constexpr std::uint32_t kErased = kLimit;

  using Place = std::vector<std::uint32_t>::const_iterator;
  // The first that is not below `slot`, erased or not.
  [[nodiscard]] Place LowerBound(std::uint32_t slot) const;

  std::vector<std::uint32_t> marked_;  // by slot; the highest bit says that it is erased
  std::size_t erased_ = 0;
};

}  // namespace freshet::core
