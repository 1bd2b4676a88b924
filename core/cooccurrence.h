// Cooccurrence: one table of how often two items lie in one basket, kept exactly and incrementally.
//
// Owned by State; single-threaded. For every basket and pair of its items the pair counts the
// smaller of the two items' weights, and an item counts its own weight. An event that raises an
// item's weight in its basket from a to b adds b - a to the item and min(b, w) - min(a, w) to its
// pair with each other item of weight w there: the incremental form of TencentRec (Huang et al.,
// SIGMOD 2015), over baskets. Counts are integers, so their order does not matter, and a batch
// computation gives the same.
//
// Each item keeps at most settings.maximum_neighbours pairs; see PairRow for who gives way.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/catalog.h"
#include "core/changed_slots.h"
#include "core/ids.h"
#include "core/pair_row.h"
#include "core/prefetch.h"
#include "core/result.h"
#include "core/row_taking.h"
#include "core/rows.h"
#include "core/settings.h"

namespace freshet::core {

// The pairs of one item, side by side: items[i] was seen with it counts[i] times, of which
// errors[i] may be inherited.
struct Neighbours {
  std::span<const std::uint32_t> items;  // slots; dead items may occur
  std::span<const std::uint32_t> counts;
  std::span<const std::uint32_t> errors;
};

class Cooccurrence {
 public:
  // `catalog` outlives this; it tells which items of old baskets are still live.
  Cooccurrence(PairTableSettings settings, const Catalog& catalog)
      : settings_(std::move(settings)), catalog_(&catalog) {}

  [[nodiscard]] const PairTableSettings& settings() const { return settings_; }

  // The owner in `owner_slot` (of a user or a session, as settings().scope says) touched the item
  // with `weight` at `time_ms`. A touch longer ago than the window before the basket's last is a
  // basket of its own.
  void Touch(std::uint32_t owner_slot, ItemId item, std::uint32_t weight, std::int64_t time_ms);

  // Hints that the item will be touched soon: first the first, then the second.
  void PrefetchRow(ItemId item) const {
    if (item.value < rows_.size()) PrefetchObject(rows_[item.value]);
  }
  void PrefetchPairs(ItemId item) const {
    if (item.value < rows_.size()) rows_[item.value].pairs.Prefetch();
  }
  // The third, where the touched item is counted `with` another.
  void PrefetchPair(ItemId item, ItemId with) const {
    if (item.value < rows_.size()) rows_[item.value].pairs.PrefetchPlace(with.value);
  }
  // Hints that BasketOf(owner_slot) follows.
  void PrefetchBasket(std::uint32_t owner_slot) const {
    if (owner_slot < baskets_.size()) PrefetchObject(baskets_[owner_slot]);
  }

  // Takes the owner's open basket back out of every count, as if it had never been.
  void Retract(std::uint32_t owner_slot);
  // Closes the owner's basket; what it counted stays.
  void Close(std::uint32_t owner_slot);
  // Moves the open basket of `from` into that of `to`, if those two are no longer than the window
  // apart: the counts become those of one basket. Closes it otherwise.
  void Join(std::uint32_t from, std::uint32_t to);

  // Forgets the item's pairs and count. Call while the catalogue still takes the item for live.
  void Erase(ItemId item);

  [[nodiscard]] Neighbours NeighboursOf(ItemId item) const;
  // Sum over baskets of the item's weight in each.
  [[nodiscard]] std::uint64_t ItemCount(ItemId item) const {
    return item.value < rows_.size() ? rows_[item.value].count : 0;
  }
  // Sum over baskets of the largest weight in each: the population that log-likelihood and lift
  // assume.
  [[nodiscard]] std::uint64_t BasketCount() const { return basket_count_; }

  [[nodiscard]] std::uint64_t evicted_pairs() const { return evicted_pairs_; }
  [[nodiscard]] std::size_t bytes() const;

  void TakeChangedRows(RowTaking* taking);
  Status LoadPairs(std::uint32_t slot, std::string_view value);
  Status LoadBasket(std::uint32_t slot, std::string_view value);
  void EncodeTotals(std::string* out) const;
  Status DecodeTotals(std::string_view value);

  // An item in an open basket, with the weight it counts there.
  struct BasketItem {
    ItemId item;
    std::uint32_t weight;
  };
  // The owner's open basket, touched longest ago first; empty when there is none.
  [[nodiscard]] std::span<const BasketItem> BasketOf(std::uint32_t owner_slot) const;

 private:
  // An event counts in both.
  struct Row {
    PairRow pairs;
    std::uint64_t count = 0;  // of the item
  };
  struct Basket {
    std::vector<BasketItem> items;
    std::uint32_t largest = 0;  // weight that the basket counts in basket_count_
    std::int64_t last_ms = 0;
  };
  void Raise(Basket* basket, ItemId item, std::uint32_t weight);
  void Reset(std::uint32_t owner_slot);
  void AddPair(ItemId of, ItemId with, std::int64_t change);
  void AddItem(ItemId item, std::int64_t change);
  Row& RowOf(ItemId item);
  void CountAlone(ItemId item, std::uint32_t weight);
  [[nodiscard]] bool IsPaused(const Basket& basket, std::int64_t time_ms) const;

  PairTableSettings settings_;
  const Catalog* catalog_;
  std::vector<Row> rows_;        // by item slot
  std::vector<Basket> baskets_;  // by owner slot
  std::uint64_t basket_count_ = 0;
  std::uint64_t evicted_pairs_ = 0;
  std::size_t row_bytes_ = 0;
  std::size_t basket_bytes_ = 0;
  ChangedSlots changed_rows_;
  ChangedSlots changed_baskets_;
};

}  // namespace freshet::core
