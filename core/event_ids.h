// EventIds: the eventIds seen lately, so that a retried event counts once.
//
// Owned by State; single-threaded. Remembers the newest `maximum_event_ids` for
// `event_id_window_ms` of the log's own time, by a 128-bit hash: two ids that differ are taken for
// one with a probability below 1e-26 per event. The log's own time is received_ms, but never less
// than that of the newest id remembered, so that a clock set back keeps ids in order of age.
//
// Every id has a sequence number, given in order of arrival; those remembered are one unbroken run
// of them, and all that is stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "core/hash.h"
#include "core/result.h"
#include "core/row_taking.h"
#include "core/rows.h"
#include "core/settings.h"

namespace freshet::core {

class EventIds {
 public:
  // `settings` outlives this.
  explicit EventIds(const Settings& settings) : settings_(settings) {}

  // True when `event_id` is new within the window, and remembers it; false for a duplicate.
  bool Insert(std::string_view event_id, std::int64_t received_ms);
  // Whether Insert would find a duplicate.
  [[nodiscard]] bool Contains(std::string_view event_id, std::int64_t received_ms) const;

  // Expired ids may be among them for a while.
  [[nodiscard]] std::size_t size() const { return remembered_.size(); }
  [[nodiscard]] std::size_t bytes() const;
  // Ids that left because the cap was reached before their window had passed, since the process
  // started.
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

  void TakeChangedRows(RowTaking* taking);
  Status LoadRow(std::string_view key, std::string_view value);
  // Rebuilds the set once every row is loaded. kCorruption when they are not one unbroken run in
  // order of age.
  Status FinishLoad();

 private:
  using Digest = SipHash::Digest;
  struct Remembered {
    Digest digest;
    std::int64_t received_ms;
  };
  // One place of the hash table. The tag is part of the digest and never 0; a place whose tag is 0
  // is empty. `sequence` is the low half of the id's sequence number.
  struct Cell {
    std::uint32_t tag = 0;
    std::uint32_t sequence = 0;
  };
  struct LoadedRow {
    std::uint64_t sequence;
    Remembered remembered;
  };

  [[nodiscard]] static std::uint32_t Tag(const Digest& digest);
  [[nodiscard]] std::size_t Next(std::size_t cell) const {
    return (cell + 1) & (cells_.size() - 1);
  }
  [[nodiscard]] std::size_t Home(std::uint32_t tag) const { return tag & (cells_.size() - 1); }
  [[nodiscard]] const Remembered& At(std::uint32_t low_sequence) const;
  // The log's own time when an id is received at `received_ms`.
  [[nodiscard]] std::int64_t NowMs(std::int64_t received_ms) const;
  // True when it is remembered since after `expired_ms`.
  [[nodiscard]] bool Contains(const Digest& digest, std::int64_t expired_ms) const;
  void Append(const Remembered& remembered);
  void ForgetOldest();
  void Place(Cell cell);
  void Grow();
  [[nodiscard]] std::uint64_t NextSequence() const { return first_ + remembered_.size(); }

  const Settings& settings_;
  std::deque<Remembered> remembered_;  // oldest first
  std::uint64_t first_ = 0;            // sequence number of the oldest
  std::vector<Cell> cells_;  // open addressing, linear probing, a power of two, at most half full
  std::uint64_t evicted_ = 0;
  // Rows of the sequence numbers from stored_first_ up to stored_end_ are in the store.
  std::uint64_t stored_first_ = 0;
  std::uint64_t stored_end_ = 0;
  std::vector<LoadedRow> loaded_;  // only while loading
};

}  // namespace freshet::core
