#include "storage/append_queue.h"

#include <iterator>
#include <string>
#include <utility>

namespace freshet::storage {

core::Status AppendQueue::Push(std::vector<core::LogEntry> entries, EventLog::Appended appended) {
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return core::Unavailable("the log is closed");
    if (!appends_.empty() && queued_entries_ + entries.size() > maximum_entries_) {
      return core::Error{core::ErrorCode::kOverloaded,
                         std::to_string(queued_entries_) +
                             " entries wait to be written already; the maximum is " +
                             std::to_string(maximum_entries_)};
    }
    was_empty = appends_.empty();
    queued_entries_ += entries.size();
    appends_.push_back({std::move(entries), std::move(appended)});
  }
  if (was_empty) changed_.notify_one();
  return {};
}

std::vector<PendingAppend> AppendQueue::Take(std::size_t maximum_entries,
                                             std::chrono::milliseconds wait) {
  std::vector<PendingAppend> taken;
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, wait, [this] { return !appends_.empty() || interrupted_ || closed_; });
  interrupted_ = false;
  std::size_t entries = 0;
  while (!appends_.empty()) {
    PendingAppend& oldest = appends_.front();
    if (!taken.empty() && entries + oldest.entries.size() > maximum_entries) break;
    entries += oldest.entries.size();
    taken.push_back(std::move(oldest));
    appends_.pop_front();
  }
  queued_entries_ -= entries;
  return taken;
}

void AppendQueue::Interrupt() {
  {
    const std::lock_guard lock(mutex_);
    interrupted_ = true;
  }
  changed_.notify_one();
}

std::vector<PendingAppend> AppendQueue::Close() {
  std::vector<PendingAppend> queued;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    queued.assign(std::make_move_iterator(appends_.begin()),
                  std::make_move_iterator(appends_.end()));
    appends_.clear();
    queued_entries_ = 0;
  }
  changed_.notify_one();
  return queued;
}

}  // namespace freshet::storage
