// AppendQueue: what waits to be written to a log, bounded, and the one place where the log's
// threads meet.
//
// Owned by a log. Any thread may call Push, Interrupt and Close; the apply thread alone calls Take.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "core/log_entry.h"
#include "core/result.h"
#include "storage/event_log.h"

namespace freshet::storage {

// One call of EventLog::Append.
struct PendingAppend {
  std::vector<core::LogEntry> entries;
  EventLog::Appended appended;
};

class AppendQueue {
 public:
  explicit AppendQueue(std::size_t maximum_entries) : maximum_entries_(maximum_entries) {}

  // kOverloaded when the queue would hold more than its maximum (an append larger than that is
  // taken when it is alone), kUnavailable after Close; `appended` is then not called.
  core::Status Push(std::vector<core::LogEntry> entries, EventLog::Appended appended);

  // The oldest appends, as many whole ones as have at most `maximum_entries` together but at least
  // one; waits up to `wait` for the first. Returns early and empty after Interrupt or Close.
  std::vector<PendingAppend> Take(std::size_t maximum_entries, std::chrono::milliseconds wait);

  // Ends the Take that waits, or the next that would.
  void Interrupt();

  // Refuses what comes later and hands over what is queued, for the caller to fail.
  std::vector<PendingAppend> Close();

 private:
  const std::size_t maximum_entries_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<PendingAppend> appends_;  // these four are guarded by mutex_
  std::size_t queued_entries_ = 0;
  bool interrupted_ = false;
  bool closed_ = false;
};

}  // namespace freshet::storage
