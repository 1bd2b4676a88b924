// GroupCommitLog: an EventLog of one partition over an EntryTable. The apply thread is the only
// writer: Append queues, and Poll writes everything that waits in one synced write, acknowledges
// it and hands out those very entries, so that nothing is read back or decoded on the live path.
//
// Owned by the process that learns from it. Append, Interrupt and Close may be called from any
// thread, everything else from the apply thread.
//
// An entry is acknowledged only after the write that holds it has succeeded, and a number belongs
// to one entry for ever. What makes the second true when a write fails: see rocks_journal.h.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "storage/append_queue.h"
#include "storage/entry_table.h"
#include "storage/event_log.h"
#include "storage/received_clock.h"

namespace freshet::storage {

class GroupCommitLog : public EventLog {
 public:
  GroupCommitLog(std::unique_ptr<EntryTable> table, std::size_t maximum_queued_entries,
                 Clocks clocks = Clocks());
  ~GroupCommitLog() override;
  GroupCommitLog(const GroupCommitLog&) = delete;
  GroupCommitLog& operator=(const GroupCommitLog&) = delete;

  core::Status Append(std::vector<core::LogEntry> entries, Appended appended) override;

  // A position before the first retained entry is kInvalidArgument. One after the last entry means
  // that the log has lost its end while the checkpoint still holds what it taught: kCorruption,
  // unless that was to be expected (durability "os" and a power cut) or the log is salvaged. Then
  // numbering goes on from there, because a number given twice would make a later event look as if
  // it was learned already.
  core::Status Seek(const core::Positions& from) override;

  core::Status Poll(std::size_t maximum, std::chrono::milliseconds wait, LogBatch* batch) override;
  void Interrupt() override;
  core::Status Trim(const core::Positions& covered) override;
  core::Result<core::Positions> End() override;
  void Close() override;

 private:
  core::Status CommitQueued(std::chrono::milliseconds wait);
  void HandOut(std::size_t maximum, LogBatch* batch);
  void Stamp(std::vector<PendingAppend>* appends);

  std::unique_ptr<EntryTable> table_;
  ReceivedClock clock_;
  AppendQueue queue_;
  std::uint64_t cursor_;  // the number of the next entry to hand out
  // Entries that are durable and not yet handed out, from handed_out_ on: those of the numbers
  // [cursor_, table_->next()). Empty while the cursor is behind and the table is read instead.
  std::vector<core::StampedEntry> committed_;
  std::size_t handed_out_ = 0;
};

}  // namespace freshet::storage
