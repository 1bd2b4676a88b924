// Catalog: the items, their names and metadata, and the values of their category columns.
//
// Owned by State; single-threaded. An item is born by its first event or by PutItem and gets the
// next slot; slots are never reused, so a slot found in a history or a neighbour list means the
// same item for ever or a dead one. A dead slot keeps nothing but its flag.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/dictionary.h"
#include "core/ids.h"
#include "core/log_entry.h"
#include "core/result.h"
#include "core/rows.h"
#include "core/settings.h"

namespace freshet::core {

using CategoryId = DenseId<struct CategoryTag>;
inline constexpr CategoryId kNoCategory{};

class Catalog {
 public:
  explicit Catalog(const Settings& settings);

  [[nodiscard]] ItemId Find(std::string_view name) const;
  [[nodiscard]] std::string_view Name(ItemId item) const;
  [[nodiscard]] bool IsLive(ItemId item) const;

  // The live item of that name, born at `time_ms` if need be.
  ItemId FindOrAdd(std::string_view name, std::int64_t time_ms);

  // Replaces the metadata. REQUIRES: item is live.
  void SetColumns(ItemId item, std::vector<Column> columns);
  [[nodiscard]] std::span<const Column> Columns(ItemId item) const;
  // True once PutItem has described the item; an item known only by events has no metadata.
  [[nodiscard]] bool IsDescribed(ItemId item) const;
  // CREATION_TIMESTAMP (seconds) of the metadata if it has one, else the time of birth;
  // milliseconds.
  [[nodiscard]] std::int64_t CreatedMs(ItemId item) const;

  // Distinct category values of the item, at most settings.maximum_categories_per_item, in the
  // order of settings.category_columns and of the values within a column.
  [[nodiscard]] std::span<const CategoryId> Categories(ItemId item) const;
  [[nodiscard]] CategoryId FindCategory(std::string_view value) const;
  [[nodiscard]] std::size_t category_count() const;

  // Forgets name and metadata; the slot stays dead. REQUIRES: item is live.
  void Erase(ItemId item);

  [[nodiscard]] std::size_t live_count() const;
  // Slots given so far, dead ones included: every ItemId is below this.
  [[nodiscard]] std::uint32_t slot_count() const;

  void TakeChangedRows(RowBatch* rows);
  Status LoadRow(std::string_view key, std::string_view value);
  // Restores the next slot once every row is loaded.
  void FinishLoad(std::uint32_t slot_count);

  [[nodiscard]] std::size_t bytes() const;
};

}  // namespace freshet::core
