// Audiences: what is in demand among users who have an attribute in common, a value of a column
// such as COUNTRY=de.
//
// Owned by State; single-threaded. Users that PutUser has described teach it; an audience is born
// by its first event, as long as there are fewer than settings.maximum_audiences.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/column_text.h"
#include "core/decayed_counter.h"
#include "core/dictionary.h"
#include "core/ids.h"
#include "core/log_entry.h"
#include "core/result.h"
#include "core/row_taking.h"
#include "core/rows.h"
#include "core/settings.h"

namespace freshet::core {

class Audiences {
 public:
  // The demand of one audience over the long half-life. Of an item that took another's place
  // (Metwally, Agrawal, El Abbadi: "Efficient computation of frequent and top-k elements in data
  // streams", ICDT 2005) it is too high by no more than the demand it found there.
  struct Audience {
    std::vector<ItemId> items;           // at most kMaximumItems, some of which may be dead
    std::vector<DecayedCounter> demand;  // beside them
    DecayedCounter total;
  };
  static constexpr std::size_t kMaximumItems = 200;

  // `settings` outlives this.
  explicit Audiences(const Settings& settings) : settings_(settings) {}

  // One event of `weight` on the item, by a user of these columns.
  void Count(std::span<const Column> columns, ItemId item, double weight, std::int64_t time_ms);

  // Calls visit(audience) for each that the columns name, in order of settings.audience_columns.
  template <typename Visit>
  void ForEach(std::span<const Column> columns, Visit&& visit) const {
    ForEachName(settings_.audience_columns, columns, [&](const std::string& name) {
      const std::uint32_t slot = names_.Find(name);
      if (slot != Dictionary::kNone) visit(audiences_[slot]);
    });
  }

  void TakeChangedRows(RowTaking* taking);
  Status LoadRow(std::string_view key, std::string_view value);

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(audiences_.size()); }
  // Of number 0 to size() - 1; numbers are given anew at each load.
  [[nodiscard]] std::string_view Name(std::uint32_t number) const { return names_.Name(number); }
  [[nodiscard]] const Audience& At(std::uint32_t number) const { return audiences_[number]; }
  [[nodiscard]] std::size_t bytes() const;

 private:
  // "COUNTRY=de"
  template <typename Visit>
  static void ForEachName(const std::vector<std::string>& wanted, std::span<const Column> columns,
                          Visit&& visit) {
    std::string name;
    for (const std::string& column : wanted) {
      ForEachCategoryValue({&column, 1}, columns, [&](std::string_view value) {
        name.assign(column).append(1, '=').append(value);
        visit(name);
      });
    }
  }
  // Null when there is no room for another.
  Audience* FindOrAdd(const std::string& name);

  const Settings& settings_;
  Dictionary names_;
  std::vector<Audience> audiences_;
  std::set<std::string, std::less<>> changed_;
};

}  // namespace freshet::core
