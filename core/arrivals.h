// Arrivals: the described items by the day they were created, so that new ones are found among
// millions.
//
// Owned by State; single-threaded. A function of the catalogue, and not stored.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>

#include "core/ids.h"
#include "core/slot_list.h"

namespace freshet::core {

class Arrivals {
 public:
  // REQUIRES: the item is not listed.
  void Add(ItemId item, std::int64_t created_ms) { days_[DayOf(created_ms)].Add(item.value); }
  // REQUIRES: it was added with that time.
  void Erase(ItemId item, std::int64_t created_ms);

  // Calls visit(item) for items created on a day between the two times, both included, at most
  // `limit` of one day: which day, in proportion to the items of each, and where it begins among
  // them depends on `seed` alone.
  template <typename Visit>
  void ForSome(std::int64_t from_ms, std::int64_t to_ms, std::uint64_t seed, std::size_t limit,
               Visit&& visit) const {
    const SlotList* day = Draw(DayOf(from_ms), DayOf(to_ms), seed);
    if (day == nullptr) return;
    const std::uint32_t least = day->Least();
    const std::uint32_t span = day->Greatest() - least + 1;
    const std::uint32_t start = least + static_cast<std::uint32_t>((seed >> 32) % span) + 1;
    std::size_t left = std::min(limit, day->size());
    const auto visit_one = [&](std::uint32_t slot) {
      if (left == 0) return false;
      --left;
      visit(ItemId{slot});
      return true;
    };
    day->ForEachBelow(start, visit_one);
    day->ForEachBelow(SlotList::kLimit, visit_one);  // those before it, until the limit
  }

  [[nodiscard]] std::size_t bytes() const;

 private:
  static std::int64_t DayOf(std::int64_t time_ms);
  [[nodiscard]] const SlotList* Draw(std::int64_t first_day, std::int64_t last_day,
                                     std::uint64_t seed) const;

  std::map<std::int64_t, SlotList> days_;  // by day since 1970; none is empty
};

}  // namespace freshet::core
