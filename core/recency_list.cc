#include "core/recency_list.h"

#include <algorithm>
#include <tuple>

namespace freshet::core {

void RecencyList::Touch(std::uint32_t slot, std::uint64_t touch) {
  if (slot >= nodes_.size()) nodes_.resize(std::size_t{slot} + 1);
  Node& node = nodes_[slot];
  if (node.in_list) {
    Unlink(slot);
  } else {
    node.in_list = true;
    ++size_;
  }
  node.touch = touch;
  LinkYoungest(slot);
}

void RecencyList::Remove(std::uint32_t slot) {
  Unlink(slot);
  nodes_[slot] = Node();
  --size_;
}

std::uint64_t RecencyList::TouchOf(std::uint32_t slot) const { return nodes_[slot].touch; }

void RecencyList::Restore(std::uint32_t slot, std::uint64_t touch) {
  if (slot >= nodes_.size()) nodes_.resize(std::size_t{slot} + 1);
  if (!nodes_[slot].in_list) ++size_;
  nodes_[slot].touch = touch;
  nodes_[slot].in_list = true;
}

void RecencyList::FinishLoad() {
  std::vector<std::uint32_t> slots;
  slots.reserve(size_);
  for (std::uint32_t slot = 0; slot < nodes_.size(); ++slot) {
    if (nodes_[slot].in_list) slots.push_back(slot);
  }
  std::sort(slots.begin(), slots.end(), [this](std::uint32_t a, std::uint32_t b) {
    return std::tie(nodes_[a].touch, a) < std::tie(nodes_[b].touch, b);
  });
  oldest_ = youngest_ = kNone;
  for (const std::uint32_t slot : slots) LinkBetween(youngest_, slot, kNone);
}

void RecencyList::LinkYoungest(std::uint32_t slot) {
  std::uint32_t older = youngest_;
  std::uint32_t younger = kNone;
  while (older != kNone && nodes_[older].touch == nodes_[slot].touch && older > slot) {
    younger = older;
    older = nodes_[older].older;
  }
  LinkBetween(older, slot, younger);
}

void RecencyList::Unlink(std::uint32_t slot) {
  const Node& node = nodes_[slot];
  (node.older == kNone ? oldest_ : nodes_[node.older].younger) = node.younger;
  (node.younger == kNone ? youngest_ : nodes_[node.younger].older) = node.older;
}

void RecencyList::LinkBetween(std::uint32_t older, std::uint32_t slot, std::uint32_t younger) {
  nodes_[slot].older = older;
  nodes_[slot].younger = younger;
  (older == kNone ? oldest_ : nodes_[older].younger) = slot;
  (younger == kNone ? youngest_ : nodes_[younger].older) = slot;
}

}  // namespace freshet::core
