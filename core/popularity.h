// Popularity: how much and how lately each item is in demand, over a long and a short half-life,
// and the lists of the best, overall and per category value.
//
// Owned by State; single-threaded. Only the counters are stored: the lists are a function of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalog.h"
#include "core/changed_slots.h"
#include "core/decayed_counter.h"
#include "core/demand_change.h"
#include "core/ids.h"
#include "core/prefetch.h"
#include "core/recency_list.h"
#include "core/result.h"
#include "core/row_taking.h"
#include "core/rows.h"
#include "core/settings.h"
#include "core/top_list.h"

namespace freshet::core {

class Popularity {
 public:
  // `settings` and `catalog` outlive this; the catalogue says which categories an item has.
  Popularity(const Settings& settings, const Catalog& catalog);

  // One event on the item at `time_ms`; `new_user` when the user had not touched it before.
  // REQUIRES: the item is live and was touched.
  void Count(ItemId item, const DemandChange& change, std::int64_t time_ms, bool new_user);

  // The item was named by the log entry of that number; see RecencyList.
  void Touch(ItemId item, std::uint64_t touch);
  // The live item touched longest ago: the one that gives way when items reach their cap.
  [[nodiscard]] ItemId LongestIdle() const;

  // The item is deleted. Call while the catalogue still knows its categories.
  void Forget(ItemId item);

  // The item's categories are about to change, or have just changed.
  void BeforeCategoriesChange(ItemId item);
  void AfterCategoriesChange(ItemId item);

  // Items by decayed demand over the long half-life, best first; at most settings.popular_items, or
  // popular_items_per_category when `category` is not kNoCategory.
  [[nodiscard]] TopList::Items Popular(CategoryId category = kNoCategory) const;
  // Items by number of distinct users, best first.
  [[nodiscard]] TopList::Items MostUsers() const;
  // Items by decayed demand over the short half-life, best first: the candidates of a trend.
  [[nodiscard]] TopList::Items Recent(CategoryId category = kNoCategory) const;

  // Decayed demand over the long half-life as of `now_ms`, in units of event weight.
  [[nodiscard]] double Demand(ItemId item, std::int64_t now_ms) const;
  // Their natural logarithms, which cost less: of Demand, and of the demand over the short
  // half-life. Minus infinity for an item without events.
  struct LogDemands {
    double over_long;
    double over_short;
  };
  [[nodiscard]] LogDemands LogDemandsOf(ItemId item, std::int64_t now_ms) const;
  // Hints that a question about the item follows.
  void Prefetch(ItemId item) const {
    if (item.value < counters_.size()) PrefetchObject(counters_[item.value]);
  }
  // Hints that Touch(item) and Count(item) follow: first the first, then the second.
  void PrefetchTouch(ItemId item) const {
    Prefetch(item);
    recency_.Prefetch(item.value);
  }
  void PrefetchNeighbours(ItemId item) const { recency_.PrefetchNeighbours(item.value); }
  // The short-term rate over the long-term rate, about 1 for a steady item and above when it gains:
  //
  //   (short_rate + prior) / (long_rate + prior)
  //
  // where rate = demand * ln 2 / half-life, which is what a steady stream arrives at, and prior is
  // the rate that settings.trend_prior events make in the short window.
  [[nodiscard]] double Trend(ItemId item, std::int64_t now_ms) const;
  [[nodiscard]] std::uint64_t Users(ItemId item) const;

  void TakeChangedRows(RowTaking* taking);
  Status LoadRow(std::string_view key, std::string_view value);
  // Builds the lists from the counters once every row is loaded and the catalogue is. kCorruption
  // when a row belongs to no live item.
  Status FinishLoad();

  // Walks the categories, not the items.
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Counters {
    DecayedCounter over_long;
    DecayedCounter over_short;
    std::uint64_t users = 0;
  };
  // The best of one category value.
  struct CategoryLists {
    explicit CategoryLists(std::size_t shown) : popular(shown), recent(shown) {}
    TopList popular;
    TopList recent;
  };

  [[nodiscard]] const Counters& CountersOf(ItemId item) const;
  CategoryLists& ListsOf(CategoryId category);
  // Takes the item out of a category's lists, and fills them from the other items if need be.
  void LeaveCategory(ItemId item, CategoryId category);
  // The live items of the category (all of them for kNoCategory) that count, but for `without`.
  [[nodiscard]] std::vector<ItemId> Members(CategoryId category, ItemId without) const;
  void FillOverall(std::span<const ItemId> items);
  void FillCategory(CategoryId category, std::span<const ItemId> items);

  const Settings& settings_;
  const Catalog& catalog_;
  std::vector<Counters> counters_;  // by slot
  RecencyList recency_;
  TopList popular_;
  TopList recent_;
  TopList most_users_;
  std::vector<CategoryLists> categories_;  // by CategoryId
  ChangedSlots changed_;
};

}  // namespace freshet::core
