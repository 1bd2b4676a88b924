// MemoryLog: an EventLog in memory, for tests. The same code as the embedded journal's, over a
// MemoryEntries in place of RocksDB.
//
// Thread rules of EventLog; FailNextWrites and FailNextReads may be called from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "storage/entry_table.h"
#include "storage/group_commit_log.h"
#include "storage/options.h"

namespace freshet::storage {

// What a MemoryLog has written: the stand-in for a disk. Several MemoryLogs may be opened on it one
// after the other. Thread-safe.
class MemoryEntries {
 public:
  // The next `times` writes (reads) of any log on this disk fail with `error` and do nothing.
  void FailNextWrites(core::Error error, int times = 1);
  void FailNextReads(core::Error error, int times = 1);

 private:
  friend class MemoryEntryTable;

  struct Failure {
    core::Error error;
    int times = 0;
    std::optional<core::Error> Take();
  };

  std::mutex mutex_;  // guards everything below
  std::deque<core::StampedEntry> entries_;
  std::uint64_t first_ = 1;
  std::uint64_t next_ = 1;
  std::int64_t last_received_ms_ = 0;
  Failure write_failure_;
  Failure read_failure_;
};

class MemoryLog : public GroupCommitLog {
 public:
  // Of `options` the queue's length and retention_ms count; retention_bytes does not.
  explicit MemoryLog(const JournalOptions& options = {},
                     std::shared_ptr<MemoryEntries> disk = std::make_shared<MemoryEntries>(),
                     Clocks clocks = Clocks());

  void FailNextWrites(core::Error error, int times = 1);
  void FailNextReads(core::Error error, int times = 1);

 private:
  std::shared_ptr<MemoryEntries> disk_;
};

}  // namespace freshet::storage
