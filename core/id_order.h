// IdOrder: the items whose ids end in a number, series by series, in the order of those numbers.
//
// Shops number what belongs together in a row: the colours of a cup, a range that arrived in one
// delivery, the episodes of a season. So what stands next to an item in this order is often like
// it, and is known to be so before anybody has touched either. A series is all ids with the same
// text before their last number ("sku-" of "sku-123B"); ids without a number are not listed.
//
// Owned by Catalog; single-threaded. A function of the names of the live items, and not stored.
// Numbers that are the same go by the four bytes after them ("123A", "123B"), then by the age of
// the item.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ids.h"

namespace freshet::core {

class IdOrder {
 public:
  // REQUIRES: the item is not listed.
  void Add(ItemId item, std::string_view id);
  // REQUIRES: it was added with that id.
  void Erase(ItemId item, std::string_view id);
  // Lists all of these at once, which is quicker. REQUIRES: nothing is listed; ids are distinct.
  void Assign(const std::vector<std::pair<ItemId, std::string_view>>& items);

  // Calls visit(other, places) for the items of the same series at most `reach` places before or
  // after it, the nearest of each side first. REQUIRES: the item was added with that id.
  template <typename Visit>
  void ForEachNear(ItemId item, std::string_view id, std::size_t reach, Visit&& visit) const {
    const std::optional<Key> key = KeyOf(item, id);
    if (!key) return;
    const Place place = PlaceOf(*key);
    Place at = place;
    for (std::size_t places = 1; places <= reach && StepBack(&at, key->series); ++places) {
      visit(At(at).item, places);
    }
    at = place;
    for (std::size_t places = 1; places <= reach && StepOn(&at, key->series); ++places) {
      visit(At(at).item, places);
    }
  }

  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Key {
    std::uint64_t series;  // a hash of the text before the number
    std::uint64_t number;
    std::uint32_t suffix;  // what follows the number, its first byte the highest
    ItemId item;

    friend constexpr auto operator<=>(const Key&, const Key&) = default;
  };
  struct Place {
    std::size_t block;
    std::size_t index;
  };

  static std::optional<Key> KeyOf(ItemId item, std::string_view id);
  // Where the key is, or where it would have to stand in the block that it would belong to.
  // REQUIRES: there is a block.
  [[nodiscard]] Place PlaceOf(const Key& key) const;
  [[nodiscard]] const Key& At(Place place) const { return blocks_[place.block][place.index]; }
  // To the one before or after within the series; false, and unchanged, when there is none.
  bool StepBack(Place* place, std::uint64_t series) const;
  bool StepOn(Place* place, std::uint64_t series) const;

  std::vector<std::vector<Key>> blocks_;  // in order, and so are the keys of each; none is empty
};

}  // namespace freshet::core
