// RecencyList: dense slots in the order in which they were last touched, so that a cap can evict
// the one that has been idle longest.
//
// Owned by the structure whose slots it orders; single-threaded. Touch numbers grow with the log
// (State gives one an entry) and slots of equal number stand in slot order, so storing each slot's
// number is enough to rebuild the order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/heap_bytes.h"
#include "core/prefetch.h"

namespace freshet::core {

class RecencyList {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // Adds the slot, or moves it to the young end. REQUIRES: touch is at least every number given
  // before. Constant time as long as few slots share one number.
  void Touch(std::uint32_t slot, std::uint64_t touch);
  // REQUIRES: the slot is in the list.
  void Remove(std::uint32_t slot);

  // Hints that Touch(slot) follows: first the first, then the second.
  void Prefetch(std::uint32_t slot) const {
    if (slot < nodes_.size()) PrefetchObject(nodes_[slot]);
  }
  void PrefetchNeighbours(std::uint32_t slot) const {
    if (slot >= nodes_.size()) return;
    if (nodes_[slot].older != kNone) PrefetchObject(nodes_[nodes_[slot].older]);
    if (nodes_[slot].younger != kNone) PrefetchObject(nodes_[nodes_[slot].younger]);
  }

  [[nodiscard]] bool Contains(std::uint32_t slot) const {
    return slot < nodes_.size() && nodes_[slot].in_list;
  }
  // REQUIRES: the slot is in the list.
  [[nodiscard]] std::uint64_t TouchOf(std::uint32_t slot) const;
  // The slot touched longest ago, or kNone.
  [[nodiscard]] std::uint32_t Oldest() const { return oldest_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t bytes() const { return ArrayBytesOf(nodes_); }

  // Loading: Restore every slot in any order, then FinishLoad once; equal numbers order by slot.
  void Restore(std::uint32_t slot, std::uint64_t touch);
  void FinishLoad();

 private:
  struct Node {
    std::uint64_t touch = 0;
    std::uint32_t older = kNone;
    std::uint32_t younger = kNone;
    bool in_list = false;
  };

  void LinkYoungest(std::uint32_t slot);
  void Unlink(std::uint32_t slot);
  // Puts the slot between two neighbours; kNone is the end.
  void LinkBetween(std::uint32_t older, std::uint32_t slot, std::uint32_t younger);

  std::vector<Node> nodes_;
  std::uint32_t oldest_ = kNone;
  std::uint32_t youngest_ = kNone;
  std::size_t size_ = 0;
};

}  // namespace freshet::core
