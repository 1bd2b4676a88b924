// HandOver: what was read and decoded and waits for the apply thread; bounded, so that a backlog of
// years takes no more memory than one of seconds.
//
// Owned by the log. One thread reads (Push), the apply thread takes (Take, Restart);
// Interrupt, Fail and Close may be called from any. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "core/ids.h"
#include "core/result.h"
#include "storage/event_log.h"

namespace freshet::daemon::kafka {

// Some messages in the order in which they were read. `next` has what lies behind them, for the
// partitions they are of.
struct Chunk {
  std::vector<core::StampedEntry> entries;
  std::vector<storage::BadEntry> bad;
  core::Positions next;
  std::size_t bytes = 0;  // of the messages
};

class HandOver {
 public:
  struct Limits {
    std::size_t entries = 16'384;
    std::size_t bytes = 32u << 20;
  };

  explicit HandOver(const Limits& limits) : limits_(limits) {}

  // Drops what waits; from here on only chunks of the new run are taken. `from` is where it begins.
  // Returns the run's number.
  std::uint64_t Restart(const core::Positions& from);

  // Waits while it is full. False when the run is over: the chunk is dropped.
  bool Push(std::uint64_t run, Chunk chunk);
  // No more is taken in; what waits may still be taken out.
  void Close();

  // Why no more chunks come, told by Take once none is left; ok: they do come.
  void Fail(core::Status why);

  // As EventLog::Poll: the next chunks, at most `maximum` entries, but a position's all together.
  core::Status Take(std::size_t maximum, std::chrono::milliseconds wait, storage::LogBatch* batch);
  void Interrupt();

 private:
  // REQUIRES: mutex_ is held.
  [[nodiscard]] bool full() const;
  void TakeWhole(storage::LogBatch* batch);
  void TakePart(std::size_t maximum, storage::LogBatch* batch);

  const Limits limits_;

  std::mutex mutex_;  // guards everything below
  std::condition_variable changed_;
  std::deque<Chunk> chunks_;
  std::size_t entries_ = 0;  // good and bad, in chunks_
  std::size_t bytes_ = 0;
  core::Positions delivered_;  // behind all that Take has returned
  core::Status failure_;
  std::uint64_t run_ = 0;
  bool interrupted_ = false;
  bool closed_ = false;
};

}  // namespace freshet::daemon::kafka
