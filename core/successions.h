// Successions: what follows what. For each item, how often others were touched soon after it in a
// session: the directed sister of Cooccurrence.
//
// Owned by State; single-threaded. An item touched d touches after another counts 12 / d for it, up
// to d = 5: the sequential rules of Ludewig and Jannach ("Evaluation of session-based
// recommendation algorithms", UMUAI 2018), which weigh by 1 / d, in integers, so that the order in
// which they are added does not matter. Each item keeps at most settings.maximum_successors; see
// PairRow for who gives way.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/changed_slots.h"
#include "core/ids.h"
#include "core/pair_row.h"
#include "core/prefetch.h"
#include "core/result.h"
#include "core/row_taking.h"
#include "core/rows.h"
#include "core/settings.h"

namespace freshet::core {

class Successions {
 public:
  // What a touch counts for the one just before it, for the one before that, and so on.
  static constexpr std::array<std::uint32_t, 5> kCountByDistance = {12, 6, 4, 3, 2};

  // `settings` outlives this.
  explicit Successions(const Settings& settings) : settings_(settings) {}

  // The item was touched in a session whose touches so far are `before`, oldest first. Touched
  // again at once, it follows itself and nothing else.
  void Add(std::span<const ItemId> before, ItemId item);
  // The item was touched in a session before its touch at `place` of `items`, but is heard of only
  // now. Counts become what they were had all been added in order.
  void Insert(std::span<const ItemId> items, std::size_t place, ItemId item);
  // Takes back what a session of these items taught, but for items that followed themselves: a
  // session does not remember those.
  void Retract(std::span<const ItemId> items);
  void Erase(ItemId item);

  // Those of `before` that Add will count a follower for.
  [[nodiscard]] static std::span<const ItemId> Reached(std::span<const ItemId> before) {
    return before.last(std::min(before.size(), kCountByDistance.size()));
  }
  // Hints that the item's row will be read: first the first, then the second, then, where a
  // follower is counted, the third.
  void PrefetchRow(ItemId item) const {
    if (item.value < rows_.size()) PrefetchObject(rows_[item.value]);
  }
  void PrefetchPairs(ItemId item) const {
    if (item.value < rows_.size()) rows_[item.value].followers.Prefetch();
  }
  void PrefetchPair(ItemId item, ItemId follower) const {
    if (item.value < rows_.size()) rows_[item.value].followers.PrefetchPlace(follower.value);
  }

  // Side by side, as Neighbours is: slots of what followed (dead items may occur) and their counts,
  // of which the errors may be inherited.
  struct Followers {
    std::span<const std::uint32_t> items;
    std::span<const std::uint32_t> counts;
    std::span<const std::uint32_t> errors;
    std::uint64_t total = 0;  // of all counts ever, those that gave way included
  };
  [[nodiscard]] Followers Of(ItemId item) const;

  // Items that had to give way since the process started.
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }
  [[nodiscard]] std::size_t bytes() const;

  void TakeChangedRows(RowTaking* taking);
  Status LoadRow(std::string_view key, std::string_view value);

 private:
  struct Row {
    PairRow followers;
    std::uint64_t total = 0;
  };
  void MoveApart(std::span<const ItemId> before, ItemId follower, std::size_t between);
  void Count(ItemId of, ItemId follower, std::int64_t change);
  Row& At(ItemId item);

  const Settings& settings_;
  std::vector<Row> rows_;  // by item slot
  ChangedSlots changed_;
  std::size_t row_bytes_ = 0;
  std::uint64_t evicted_ = 0;
};

}  // namespace freshet::core
