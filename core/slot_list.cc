#include "core/slot_list.h"

#include <algorithm>

namespace freshet::core {

void SlotList::Add(std::uint32_t slot) {
  const auto place = marked_.begin() + (LowerBound(slot) - marked_.cbegin());
  if (place == marked_.end() || (*place & ~kErased) != slot) {
    marked_.insert(place, slot);
    return;
  }
  *place = slot;
  --erased_;
}

void SlotList::Erase(std::uint32_t slot) {
  marked_[static_cast<std::size_t>(LowerBound(slot) - marked_.cbegin())] |= kErased;
  if (++erased_ * 2 < marked_.size()) return;
  std::erase_if(marked_, [](std::uint32_t one) { return (one & kErased) != 0; });
  marked_.shrink_to_fit();
  erased_ = 0;
}

std::uint32_t SlotList::Least() const {
  return *std::find_if(marked_.begin(), marked_.end(),
                       [](std::uint32_t one) { return (one & kErased) == 0; });
}

std::uint32_t SlotList::Greatest() const {
  return *std::find_if(marked_.rbegin(), marked_.rend(),
                       [](std::uint32_t one) { return (one & kErased) == 0; });
}

SlotList::Place SlotList::LowerBound(std::uint32_t slot) const {
  return std::lower_bound(
      marked_.begin(), marked_.end(), slot,
      [](std::uint32_t one, std::uint32_t wanted) { return (one & ~kErased) < wanted; });
}

}  // namespace freshet::core
