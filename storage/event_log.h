// EventLog: the ordered, durable record of everything that changes state. The embedded journal and
// Kafka are its two homes, an in-memory one serves tests; all pass one typed test suite.
//
// Owned by the process that learns from it. Append may be called from any thread; everything else
// from the one apply thread. Positions of one partition grow; an entry has the same position and
// the same received_ms each time it is read. Several entries may share a position (a message that
// holds several): they are appended, read and covered together, never in parts.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/log_entry.h"
#include "core/result.h"

namespace freshet::storage {

// An entry that could not be decoded or breaks a limit: what a dead letter is made of.
struct BadEntry {
  core::Position position;
  std::int64_t received_ms = 0;
  std::string reason;
  std::string bytes;
};

// What one Poll brought, in the order of each partition. `next` covers every entry and bad entry of
// the batch and of all batches before it, and what Seek was told of partitions that the log does
// not have.
struct LogBatch {
  std::vector<core::StampedEntry> entries;
  std::vector<BadEntry> bad;
  core::Positions next;

  void Clear() {
    entries.clear();
    bad.clear();
  }
};

class EventLog {
 public:
  // Called once for each Append, from the log's own thread or from Poll: with positions that cover
  // what was appended, once it is durable, or with the error. Must not block.
  using Appended = std::function<void(core::Result<core::Positions>)>;

  virtual ~EventLog() = default;

  // Queues `entries` to be made durable, in order and side by side; `appended` then says how it
  // went. Fails at once with kOverloaded when the queue is full (try again later) and with
  // kUnavailable after Close. On an error passed to `appended` nothing of the entries is
  // acknowledged.
  virtual core::Status Append(std::vector<core::LogEntry> entries, Appended appended) = 0;

  // Makes Poll continue at `from`; a partition that is absent starts at its first retained entry,
  // or where the log's settings say. An error when `from` was trimmed away already; a log that must
  // ask others does not wait for them, Poll then says so.
  virtual core::Status Seek(const core::Positions& from) = 0;

  // Fills `batch` (cleared first) with at most `maximum` of the next entries, or a few more where
  // the last ones share a position, waiting up to `wait` for the first; an empty batch is no error.
  // An error means that the log can neither be read nor written now (a full disk, a broker that is
  // away); a later call may succeed.
  virtual core::Status Poll(std::size_t maximum, std::chrono::milliseconds wait,
                            LogBatch* batch) = 0;

  // Wakes a Poll that waits, now or next; it returns what there is. Any thread.
  virtual void Interrupt() = 0;

  // A checkpoint covers everything before `covered`: the log may drop what its retention allows.
  virtual core::Status Trim(const core::Positions& covered) = 0;

  // The positions after the last durable entry: what Poll will have reached when nothing is left. A
  // log kept by others says what it last heard from them, kUnavailable before it heard anything.
  virtual core::Result<core::Positions> End() = 0;

  // Fails what is still queued with kUnavailable and refuses more. Poll brings what was durable and
  // at hand, then nothing, without waiting.
  virtual void Close() = 0;
};

}  // namespace freshet::storage
