// StatusBoard: what an operator and the load balancer see of the engine.
//
// Owned by the engine. The apply thread writes it, any thread reads it; thread-safe. One lock
// guards it all, so a copy is of one moment.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "core/ids.h"
#include "core/result.h"

namespace freshet::daemon {

// What an operator sees of the engine. A copy, taken at one moment.
struct EngineStatus {
  bool ready = false;             // the log's tail is applied and entries can be taken
  std::string not_ready_because;  // when not
  std::string log_failure;        // why the log can neither be read nor written; empty: it can
  bool catching_up = false;       // the tail is being applied; answers come from what there is
  double catch_up_rate = 0;       // entries a second, while catching up
  core::Positions applied;        // next entry to apply
  core::Positions end;            // of the log, when last asked; empty: not known yet
  core::Positions checkpointed;
  std::uint64_t lag = 0;              // from applied to end
  std::uint64_t applied_entries = 0;  // since the process started
  std::uint64_t duplicates = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t checkpoints = 0;
  double last_checkpoint_seconds = 0;
  std::uint64_t last_checkpoint_bytes = 0;
};

// Entries of `to` that lie behind `from`; partitions that `to` does not name do not count.
std::uint64_t Distance(const core::Positions& from, const core::Positions& to);

class StatusBoard {
 public:
  enum class Phase { kStarting, kCatchingUp, kRunning, kStopping };

  void SetPhase(Phase phase);
  // From catching up to running; nothing in any other phase.
  void SetCaughtUp();
  // Waits up to `wait` while catching up goes on without a failure; the log's failure, if there is
  // one.
  core::Status AwaitCaughtUp(std::chrono::milliseconds wait);
  // Why the log can neither be read nor written now; ok when it can.
  void SetLogFailure(const core::Status& status);
  // Why the last checkpoint could not be written; ok when it could.
  void SetCheckpointFailure(const core::Status& status);

  // Runs change(EngineStatus*) under the lock. Readiness and lag are not its to change.
  template <typename Change>
  void Update(Change&& change) {
    const std::lock_guard lock(mutex_);
    change(&status_);
  }

  // Why no entry can be taken now, or nothing. A log that fails is not among the reasons: whoever
  // appends to it is told by the log itself.
  [[nodiscard]] std::optional<core::Error> Refusal() const;

  [[nodiscard]] EngineStatus Get() const;

 private:
  // The reason of highest rank, empty when ready. REQUIRES: mutex_ is held.
  [[nodiscard]] std::string NotReadyBecause() const;
  // What is left to catch up with. REQUIRES: mutex_ is held.
  [[nodiscard]] std::string CatchingUp() const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  EngineStatus status_;  // what follows from the rest is filled in by Get
  Phase phase_ = Phase::kStarting;
  core::Status log_status_;
  std::string log_failure_;  // empty: none
  std::string checkpoint_failure_;
};

}  // namespace freshet::daemon
