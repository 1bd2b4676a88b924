// RowTaking: takes the rows that changed out of a State, as they are at one moment, in small steps
// between which the state goes on changing. Whoever applies events need not pause for as long as
// it takes to encode what seconds of them have changed.
//
// Owned by whoever takes; the state and the batch outlive it. Single-threaded, as the state's
// non-const functions are. One at a time of a state.
#pragma once

#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "core/changed_slots.h"
#include "core/rows.h"

namespace freshet::core {

class RowTaking {
 public:
  // Appends to `rows`.
  explicit RowTaking(RowBatch* rows) : rows_(rows) {}
  // Takes what is left: what is marked as taken must not be lost.
  ~RowTaking() { Continue(kAll); }
  RowTaking(const RowTaking&) = delete;
  RowTaking& operator=(const RowTaking&) = delete;

  // For structures: where rows go that are encoded at once.
  [[nodiscard]] RowBatch* rows() { return rows_; }
  // For structures: rows that are encoded in steps, each by `encode` unless it changes before.
  void Begin(ChangedSlots* slots, ChangedSlots::Encode encode) {
    slots->BeginTake(std::move(encode));
    under_way_.push_back(slots);
  }

  // Encodes about `count` rows more; false when all are encoded.
  bool Continue(std::size_t count) {
    while (!under_way_.empty()) {
      const std::size_t done = under_way_.back()->Take(count);
      if (done >= count) return true;
      count -= done;
      under_way_.pop_back();
    }
    return false;
  }

  static constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

 private:
  RowBatch* const rows_;
  std::vector<ChangedSlots*> under_way_;
};

// All rows of `of` (a State, or a structure of one) that changed, at once.
template <typename Of>
void TakeAllRows(Of* of, RowBatch* rows) {
  RowTaking taking(rows);
  of->TakeChangedRows(&taking);
}

}  // namespace freshet::core
