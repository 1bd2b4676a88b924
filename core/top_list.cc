#include "core/top_list.h"

#include <algorithm>
#include <numeric>

namespace freshet::core {

bool TopList::Better(const Entry& a, const Entry& b) {
  return a.key > b.key || (a.key == b.key && a.item < b.item);
}

bool TopList::IsListed(const Entry& entry) const {
  return !order_.empty() && !Better(entries_[order_.back()], entry);
}

TopList::Place TopList::LowerBound(Place from, Place to, const Entry& entry) {
  return std::lower_bound(from, to, entry, [this](std::uint32_t at, const Entry& other) {
    return Better(entries_[at], other);
  });
}

TopList::Place TopList::ClimbFrom(Place from, const Entry& raised) {
  // Strides that double: most raises climb a few places only.
  std::ptrdiff_t stride = 1;
  while (from - order_.begin() >= stride && Better(raised, entries_[*(from - stride)])) {
    from -= stride;
    stride *= 2;
  }
  return LowerBound(from - std::min(stride, from - order_.begin()), from, raised);
}

void TopList::Raise(ItemId item, double old_key, double key) {
  const Entry raised{key, item};
  if (const Entry old{old_key, item}; IsListed(old)) {
    const Place from = LowerBound(order_.begin(), order_.end(), old);
    const Place to = ClimbFrom(from, raised);
    const std::uint32_t at = *from;
    std::move_backward(to, from, from + 1);
    *to = at;
    entries_[at] = raised;
    return;
  }
  if (!IsListed(raised)) {
    // Behind an overflowed list there may be better ones than this, so it may not take the end.
    overflowed_ = overflowed_ || entries_.size() == capacity();
    if (overflowed_) return;
  }
  auto at = static_cast<std::uint32_t>(entries_.size());
  if (entries_.size() < capacity()) {
    entries_.push_back(raised);
  } else {
    overflowed_ = true;
    at = order_.back();
    order_.pop_back();
    entries_[at] = raised;
  }
  order_.insert(LowerBound(order_.begin(), order_.end(), raised), at);
}

void TopList::Remove(ItemId item, double key) {
  const Entry gone{key, item};
  if (!IsListed(gone)) return;
  const Place place = LowerBound(order_.begin(), order_.end(), gone);
  // The last entry moves to where it stood.
  const std::uint32_t at = *place;
  *LowerBound(order_.begin(), order_.end(), entries_.back()) = at;
  order_.erase(place);
  entries_[at] = entries_.back();
  entries_.pop_back();
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
  order_.resize(entries_.size());
  std::iota(order_.begin(), order_.end(), 0U);
}

TopList::Items TopList::items() const {
  return {entries_.data(), std::span(order_).first(std::min(order_.size(), shown_))};
}

}  // namespace freshet::core
