// Catalog: the items, their names and metadata, and the values of their category columns.
//
// Owned by State; single-threaded. An item is born by its first event or by PutItem and gets the
// next slot; slots are never reused, so a slot found in a history or a neighbour list means the
// same item for ever or a dead one. A dead slot keeps nothing but its flag.
//
// A category value has a CategoryId as long as a live item carries it, unless
// settings.maximum_categories values had one already when the item was described: then that item
// goes without until it is described again. Ids are given anew at each load and are never stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/changed_slots.h"
#include "core/dictionary.h"
#include "core/id_order.h"
#include "core/ids.h"
#include "core/log_entry.h"
#include "core/prefetch.h"
#include "core/result.h"
#include "core/row_taking.h"
#include "core/rows.h"
#include "core/settings.h"

namespace freshet::core {

using CategoryId = DenseId<struct CategoryTag>;
inline constexpr CategoryId kNoCategory{};

// No live instance gets this far, since the flags alone would fill its memory; a stored slot beyond
// it is damage.
inline constexpr std::uint32_t kMaximumItemSlots = 1U << 28;

class Catalog {
 public:
  // `settings` outlives this.
  explicit Catalog(const Settings& settings) : settings_(settings) {}

  [[nodiscard]] ItemId Find(std::string_view name) const;
  // Hints that Find(name) follows, in two steps; see Dictionary. The second returns a guess at the
  // item.
  void PrefetchName(std::string_view name) const { names_.PrefetchCell(name); }
  ItemId PrefetchSlot(std::string_view name) const {
    const ItemId item{names_.PrefetchName(name)};
    if (item.valid()) PrefetchObject(items_[item.value]);
    return item;
  }
  [[nodiscard]] std::string_view Name(ItemId item) const;
  // Hints that Name(item) follows.
  void Prefetch(ItemId item) const { names_.Prefetch(item.value); }
  [[nodiscard]] bool IsLive(ItemId item) const {
    return item.value < is_live_.size() && is_live_[item.value];
  }

  // The live item of that name, born at `time_ms` if need be.
  ItemId FindOrAdd(std::string_view name, std::int64_t time_ms);

  // Replaces the metadata. REQUIRES: item is live.
  void SetColumns(ItemId item, std::vector<Column> columns);
  [[nodiscard]] std::span<const Column> Columns(ItemId item) const;
  // True once PutItem has described the item; an item known only by events has no metadata.
  [[nodiscard]] bool IsDescribed(ItemId item) const;
  // CREATION_TIMESTAMP (seconds) of the metadata if it has one, else the time of birth;
  // milliseconds. REQUIRES: item is live.
  [[nodiscard]] std::int64_t CreatedMs(ItemId item) const;

  // Distinct category values of the item, at most settings.maximum_categories_per_item, in the
  // order of settings.category_columns and of the values within a column.
  [[nodiscard]] std::span<const CategoryId> Categories(ItemId item) const;
  [[nodiscard]] CategoryId FindCategory(std::string_view value) const;
  // Every CategoryId is below this.
  [[nodiscard]] std::uint32_t category_count() const {
    return static_cast<std::uint32_t>(category_uses_.size());
  }
  // How often a value went without an id because of settings.maximum_categories, since the process
  // started.
  [[nodiscard]] std::uint64_t categories_refused() const { return categories_refused_; }

  // Forgets name and metadata; the slot stays dead. REQUIRES: item is live.
  void Erase(ItemId item);

  // Calls visit(other, places) for the items whose ids are numbered at most `reach` places before
  // or after the item's; see IdOrder. A dead item has none.
  template <typename Visit>
  void ForEachNumberedNear(ItemId item, std::size_t reach, Visit&& visit) const {
    if (IsLive(item)) order_.ForEachNear(item, Name(item), reach, visit);
  }

  [[nodiscard]] std::size_t live_count() const { return names_.size(); }
  // Slots given so far, dead ones included: every ItemId is below this.
  [[nodiscard]] std::uint32_t slot_count() const {
    return static_cast<std::uint32_t>(items_.size());
  }

  void TakeChangedRows(RowTaking* taking);
  Status LoadRow(std::string_view key, std::string_view value);
  // Restores the next slot once every row is loaded; a slot without a row is dead. kCorruption when
  // a row lies beyond `slot_count`.
  Status FinishLoad(std::uint32_t slot_count);

  [[nodiscard]] std::size_t bytes() const;

 private:
  // What PutItem told.
  struct Description {
    std::vector<Column> columns;
    std::vector<std::string> refused;  // category values of the item that got no id
    std::int64_t created_ms = 0;
  };
  struct Item {
    std::int64_t born_ms = 0;
    std::unique_ptr<Description> description;  // null: known by events only
    std::vector<CategoryId> categories;        // here, because every event reads them
  };

  // What the item keeps outside its own object.
  [[nodiscard]] static std::size_t BytesOf(const Item& item);
  [[nodiscard]] std::vector<std::string_view> CategoryValues(
      const std::vector<Column>& columns) const;
  // Derives the rest of the item from its description.
  void Describe(Item* item);
  // Gives the item's values their ids, apart from those in its `refused`.
  void Categorize(Item* item);
  CategoryId UseCategory(std::string_view value);
  void DropDescription(Item* item);
  void EncodeRow(ItemId item, ByteWriter* writer) const;

  const Settings& settings_;
  Dictionary names_;
  std::vector<Item> items_;  // by slot
  // By slot, a bit each: queries ask it of every candidate, and these stay in the cache.
  std::vector<bool> is_live_;
  IdOrder order_;  // of the live items
  Dictionary category_names_;
  std::vector<std::uint32_t> category_uses_;  // by CategoryId: live items that carry it
  std::vector<std::uint32_t> free_categories_;
  std::uint64_t categories_refused_ = 0;
  std::size_t description_bytes_ = 0;
  ChangedSlots changed_;
};

}  // namespace freshet::core
