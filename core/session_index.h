// SessionIndex: for each item the newest sessions that touched it. What session-kNN searches in.
//
// Owned by State; single-threaded. A posting is a ring of at most settings.maximum_postings session
// numbers in the order of those numbers, which is the order in which sessions started: the newest
// are kept, whatever the order in which they came to touch the item. Numbers of sessions that were
// erased stay until newer ones push them out; Sessions::WithNumber does not know them. The lists
// are those of VMIS-kNN (Kersbergen, Sprangers, Schelter: "Serenade - Low-Latency Session-Based
// Recommendation in e-Commerce at Scale", SIGMOD 2022), which builds them anew every day.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/changed_slots.h"
#include "core/ids.h"
#include "core/prefetch.h"
#include "core/result.h"
#include "core/row_taking.h"
#include "core/rows.h"
#include "core/settings.h"

namespace freshet::core {

class SessionIndex {
 public:
  explicit SessionIndex(const Settings& settings) : settings_(settings) {}

  // The item was touched in the session of that number; nothing changes when that is known.
  void Add(ItemId item, SessionNumber number);
  void Erase(ItemId item);
  // Hints that Prefetch(item) follows.
  void PrefetchPosting(ItemId item) const {
    if (item.value < postings_.size()) PrefetchObject(postings_[item.value]);
  }
  // Hints that Add(item) or Newest(item) follows.
  void Prefetch(ItemId item) const {
    if (item.value >= postings_.size() || postings_[item.value].size == 0) return;
    const Posting& posting = postings_[item.value];
    PrefetchLine(&posting.numbers[posting.Cell(posting.size - 1)]);
  }

  // Walks the kept sessions of one item from the newest to the oldest. Valid until the index
  // changes.
  class Cursor {
   public:
    Cursor() = default;
    [[nodiscard]] bool at_end() const { return left_ == 0; }
    // How many sessions it has yet to stand at, that at which it stands included.
    [[nodiscard]] std::uint32_t left() const { return left_; }
    // The low 32 bits of the session's number. REQUIRES, here and below: !at_end().
    [[nodiscard]] std::uint32_t number() const { return numbers_[cell_]; }
    void Advance() {
      cell_ = cell_ == 0 ? capacity_ - 1 : cell_ - 1;
      --left_;
    }

   private:
    friend class SessionIndex;
    const std::uint32_t* numbers_ = nullptr;
    std::uint32_t cell_ = 0;
    std::uint32_t capacity_ = 0;
    std::uint32_t left_ = 0;
  };
  [[nodiscard]] Cursor Newest(ItemId item) const;
  // How many sessions touched the item, those that are no longer kept included.
  [[nodiscard]] std::uint32_t SessionCount(ItemId item) const {
    return item.value < postings_.size() ? postings_[item.value].sessions : 0;
  }

  [[nodiscard]] std::size_t bytes() const;

  void TakeChangedRows(RowTaking* taking);
  Status LoadRow(std::string_view key, std::string_view value);

 private:
  struct Posting {
    // The cell of the i-th oldest.
    [[nodiscard]] std::uint32_t Cell(std::uint32_t i) const {
      const std::uint32_t cell = first + i;
      return cell < capacity ? cell : cell - capacity;
    }

    std::unique_ptr<std::uint32_t[]> numbers;  // a ring
    std::uint32_t capacity = 0;
    std::uint32_t first = 0;
    std::uint32_t size = 0;
    std::uint32_t sessions = 0;
  };

  Posting& At(ItemId item);
  void Grow(Posting* posting, std::uint32_t capacity);

  const Settings& settings_;
  std::vector<Posting> postings_;  // by item slot
  ChangedSlots changed_;
  std::size_t number_bytes_ = 0;
};

}  // namespace freshet::core
