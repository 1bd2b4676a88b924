#include "core/top_list.h"

#include <algorithm>

namespace freshet::core {

bool TopList::Better(const Entry& a, const Entry& b) {
  return a.key > b.key || (a.key == b.key && a.item < b.item);
}

bool TopList::IsListed(const Entry& entry) const {
  return !entries_.empty() && !Better(entries_.back(), entry);
}

TopList::Place TopList::ClimbFrom(Place from, const Entry& raised) {
  // Strides that double: most raises climb a few places only.
  std::ptrdiff_t stride = 1;
  while (from - entries_.begin() >= stride && Better(raised, *(from - stride))) {
    from -= stride;
    stride *= 2;
  }
  const auto low = from - std::min(stride, from - entries_.begin());
  return std::lower_bound(low, from, raised, Better);
}

void TopList::Raise(ItemId item, double old_key, double key) {
  const Entry raised{key, item};
  if (const Entry old{old_key, item}; IsListed(old)) {
    const auto from = std::lower_bound(entries_.begin(), entries_.end(), old, Better);
    const auto to = ClimbFrom(from, raised);
    std::move_backward(to, from, from + 1);
    *to = raised;
    return;
  }
  if (!IsListed(raised)) {
    // Behind an overflowed list there may be better ones than this, so it may not take the end.
    overflowed_ = overflowed_ || entries_.size() == capacity();
    if (!overflowed_) entries_.push_back(raised);
    return;
  }
  if (entries_.size() == capacity()) {
    overflowed_ = true;
    entries_.pop_back();
  }
  entries_.insert(std::lower_bound(entries_.begin(), entries_.end(), raised, Better), raised);
}

void TopList::Remove(ItemId item, double key) {
  const Entry gone{key, item};
  if (!IsListed(gone)) return;
  entries_.erase(std::lower_bound(entries_.begin(), entries_.end(), gone, Better));
}

void TopList::Refill(std::vector<Entry> all) {
  overflowed_ = all.size() > capacity();
  if (overflowed_) {
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(capacity());
    std::nth_element(all.begin(), end, all.end(), Better);
    all.erase(end, all.end());
  }
  std::sort(all.begin(), all.end(), Better);
  entries_.assign(all.begin(), all.end());
}

std::span<const TopList::Entry> TopList::items() const {
  return std::span(entries_).first(std::min(entries_.size(), shown_));
}

}  // namespace freshet::core
