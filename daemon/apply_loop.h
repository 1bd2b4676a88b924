// ApplyLoop: the one writer. Reads the log, teaches the state in short turns at the gate, tells who
// waits, and hands what changed to the checkpointer.
//
// Owned by the engine, as is everything it works on; all of that outlives it. Begin is called on
// the thread that starts the engine, then Run on the apply thread; RequestStop may be called from
// any. At first it catches up: until fewer than ready_lag_entries are left before the log's end.
// Between two polls the state has learned exactly what lies before applied_: only there are
// checkpoints taken.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "core/foresight.h"
#include "core/ids.h"
#include "core/recipes/learner.h"
#include "core/result.h"
#include "core/row_taking.h"
#include "core/state.h"
#include "daemon/catch_up_meter.h"
#include "daemon/checkpoint_policy.h"
#include "daemon/checkpointer.h"
#include "daemon/engine_options.h"
#include "daemon/engine_status.h"
#include "daemon/gate.h"
#include "daemon/live_quality.h"
#include "daemon/waiters.h"
#include "storage/event_log.h"

namespace freshet::daemon {

class ApplyLoop {
 public:
  struct Parts {
    core::State& state;
    Gate& gate;
    storage::EventLog& log;
    Checkpointer& checkpointer;
    Waiters& waiters;
    StatusBoard& board;
  };
  ApplyLoop(const Parts& parts, const EngineOptions& options);
  ApplyLoop(const ApplyLoop&) = delete;
  ApplyLoop& operator=(const ApplyLoop&) = delete;

  // Says that the state has learned everything before `covered`. Before Run, on any thread.
  void Begin(const core::Positions& covered);

  // Learns until RequestStop, then closes the log, applies what is durable, takes a last checkpoint
  // and fails whoever still waits. The error of the last checkpoint.
  core::Status Run();

  [[nodiscard]] const LiveQuality& quality() const { return quality_; }

  // Makes Run return soon.
  void RequestStop();

 private:
  // Polls once and applies what comes.
  core::Status Step(std::size_t maximum, std::chrono::milliseconds wait);
  void KeepBadEntries();
  void ApplyBatch();
  // Applies entries from `first` on until the turn is over, at `looked_at` at the latest; returns
  // the first one left.
  std::size_t ApplyTurn(std::size_t first, std::size_t looked_at);

  void NoteLog(const core::Status& status);
  void WaitBeforeRetry();
  void NoteLag();

  // Catching up, and the next checkpoint is full while the one before it is still being written.
  [[nodiscard]] bool IsAheadOfCheckpoints() const;
  // Learns what became of the checkpoint in flight, goes on taking the rows of the next one, or
  // begins that if it is due.
  void TendCheckpoints();
  void NoteCheckpointer();
  void BeginCheckpoint();
  // Encodes some rows of the checkpoint that was begun, or all, and hands it over when it has all.
  void TakeRows(std::size_t count);
  [[nodiscard]] std::chrono::milliseconds PollWait() const;

  core::Status Finish();
  core::Status LastCheckpoint();

  Parts parts_;
  const EngineOptions options_;
  core::Foresight foresight_;
  core::Learner learner_;
  LiveQuality quality_;

  storage::LogBatch batch_;
  core::Positions applied_;
  bool caught_up_ = false;
  CatchUpMeter meter_;
  std::uint64_t duplicates_in_turn_ = 0;
  std::vector<storage::BadEntry> bad_;  // since the last checkpoint began
  CheckpointPolicy policy_;
  Checkpoint next_checkpoint_;             // while its rows are being taken
  std::optional<core::RowTaking> taking_;  // into it
  std::chrono::steady_clock::duration taking_time_{};
  std::uint64_t tries_noted_ = 0;
  std::uint64_t checkpoints_noted_ = 0;
  bool checkpoints_fail_ = false;
  bool log_fails_ = false;
  std::chrono::milliseconds retry_pause_;
  std::chrono::steady_clock::time_point next_lag_;

  std::atomic<bool> stop_requested_ = false;
  std::mutex stop_mutex_;  // guards nothing: for the condition variable alone
  std::condition_variable stop_changed_;
};

}  // namespace freshet::daemon
