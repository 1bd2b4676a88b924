// Exposures: how often each described item was shown, as events report it, and how often it was
// chosen from what was shown.
//
// Owned by State; single-threaded.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/changed_slots.h"
#include "core/heap_bytes.h"
#include "core/ids.h"
#include "core/result.h"
#include "core/row_taking.h"
#include "core/rows.h"

namespace freshet::core {

class Exposures {
 public:
  // REQUIRES, both: the item is live.
  void CountShown(ItemId item);
  void CountChosen(ItemId item);
  // The item is deleted.
  void Forget(ItemId item);

  [[nodiscard]] std::uint32_t Shown(ItemId item) const { return Of(item).shown; }
  [[nodiscard]] std::uint32_t Chosen(ItemId item) const { return Of(item).chosen; }

  // How often the item may be chosen of the times it is shown, at the optimistic end of what was
  // seen so far: UCB-V, mean + sqrt(2 v ln t / n) + 3 ln t / n (Audibert, Munos, Szepesvari:
  // "Exploration-exploitation tradeoff using variance estimates in multi-armed bandits", TCS 2009),
  // with n the times shown, t those of all items, v the variance mean (1 - mean), after a prior of
  // 1 choice in 20 so that it is finite for an item never shown.
  [[nodiscard]] double UpperBound(ItemId item) const;

  void TakeChangedRows(RowTaking* taking);
  Status LoadRow(std::string_view key, std::string_view value);

  [[nodiscard]] std::size_t bytes() const { return ArrayBytesOf(counts_); }

 private:
  struct Counts {
    std::uint32_t shown = 0;
    std::uint32_t chosen = 0;
  };

  [[nodiscard]] Counts Of(ItemId item) const {
    return item.value < counts_.size() ? counts_[item.value] : Counts();
  }
  Counts& At(ItemId item);

  std::vector<Counts> counts_;  // by slot
  std::uint64_t all_shown_ = 0;
  ChangedSlots changed_;
};

}  // namespace freshet::core
