// EntryTable: where GroupCommitLog keeps its entries, by number. RocksDB in the embedded journal,
// memory in tests.
//
// Owned by a GroupCommitLog and called from its apply thread only. Holds the entries of the numbers
// [first(), next()); numbers grow from entry to entry, mostly by one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/log_entry.h"
#include "core/result.h"
#include "storage/event_log.h"

namespace freshet::storage {

class EntryTable {
 public:
  virtual ~EntryTable() = default;

  // The oldest number still held, and the one that the next entry gets. Both stay readable while
  // the table is broken.
  [[nodiscard]] virtual std::uint64_t first() const = 0;
  [[nodiscard]] virtual std::uint64_t next() const = 0;
  // The received_ms of the newest entry ever written; 0 in a new table.
  [[nodiscard]] virtual std::int64_t last_received_ms() const = 0;

  // Makes `entries` durable, all or none; next() has moved behind them when it succeeds and has not
  // moved when it fails. REQUIRES: their offsets are next(), next() + 1, ..., their received_ms is
  // one and the same and at least last_received_ms().
  virtual core::Status Write(std::span<const core::StampedEntry> entries) = 0;

  // Appends to `batch` at most `maximum` of the entries from number `from` on. Returns the number
  // to read on from. REQUIRES: first() <= from < next().
  virtual core::Result<std::uint64_t> Read(std::uint64_t from, std::size_t maximum,
                                           LogBatch* batch) = 0;

  // Leaves out the numbers before `next`, so that none of them is given to a later entry.
  // kCorruption when that would hide the loss of acknowledged entries. REQUIRES: next >= next().
  virtual core::Status SkipTo(std::uint64_t next) = 0;

  // Drops entries before `covered` that retention no longer keeps; always leaves the newest one.
  virtual core::Status Trim(std::uint64_t covered, std::int64_t now_ms) = 0;

  // Ok when the table can be read and written. After a failed Write it cannot until this has
  // mended it; cheap to call at any rate.
  virtual core::Status Recover() = 0;
  // Whether it can be read; one that was opened on a full disk can before it can be written.
  [[nodiscard]] virtual bool readable() const = 0;

  // For how long the newest entry had been written when the table was opened; nothing when the
  // machine has started anew in between, or nothing was written yet.
  [[nodiscard]] virtual std::optional<std::int64_t> idle_us() const { return std::nullopt; }
};

}  // namespace freshet::storage
