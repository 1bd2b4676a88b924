#include "core/recipes/fold_in_cache.h"

#include <algorithm>

namespace freshet::core {

void FoldInCache::Use(const std::weak_ptr<const void>& generation) {
  if (!generation_.owner_before(generation) && !generation.owner_before(generation_)) return;
  generation_ = generation;
  for (Place& place : places_) place.user = UserId{};
}

std::span<const float> FoldInCache::Find(UserId user, std::span<const FoldedItem> items) const {
  if (places_.empty()) return {};
  const Place& place = places_[PlaceOf(user, items)];
  if (place.user != user || !std::ranges::equal(place.items, items)) return {};
  return place.vector;
}

void FoldInCache::Keep(UserId user, std::span<const FoldedItem> items,
                       std::span<const float> vector) {
  if (places_.empty()) places_.resize(kPlaces);
  Place& place = places_[PlaceOf(user, items)];
  place.user = user;
  place.items.assign(items.begin(), items.end());
  place.vector.assign(vector.begin(), vector.end());
}

}  // namespace freshet::core
