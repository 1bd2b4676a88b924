// FoldInCache: the vectors of visitors who were folded in lately, until they do something new.
//
// A page asks several times for one visitor, and with 256 factors a solve takes longer than all the
// rest of an answer. What was solved stands beside its vector and must be the same to the bit, so
// whatever changes it (an event, a deleted item, another generation) needs no notice.
//
// Owned by a query thread; single-threaded. Bounded: kPlaces visitors, the last to come to a place
// has it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "core/factors/scored_row.h"
#include "core/ids.h"

namespace freshet::core {

// An item that a visitor is folded in from, as a row of the generation's training.
struct FoldedItem {
  FactorRow row;
  float strength = 0;
  friend bool operator==(const FoldedItem&, const FoldedItem&) = default;
};

class FoldInCache {
 public:
  static constexpr std::size_t kPlaces = 1024;

  // Forgets all when `generation` is another than the last time. See ServedFactors::identity.
  void Use(const std::weak_ptr<const void>& generation);

  // What was kept for the user and exactly these items in this order; empty when nothing was. Valid
  // until the next call of Use or Keep.
  [[nodiscard]] std::span<const float> Find(UserId user, std::span<const FoldedItem> items) const;

  void Keep(UserId user, std::span<const FoldedItem> items, std::span<const float> vector);

 private:
  [[nodiscard]] static std::size_t PlaceOf(UserId user, std::span<const FoldedItem> items) {
    // Campaigns that fold in from more or fewer of a visitor's items do not share a place.
    return (user.value + items.size()) % kPlaces;
  }

  struct Place {
    UserId user;
    std::vector<FoldedItem> items;
    std::vector<float> vector;
  };

  std::weak_ptr<const void> generation_;
  std::vector<Place> places_;  // none until something is kept
};

}  // namespace freshet::core
