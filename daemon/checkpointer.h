// Checkpointer: writes checkpoints on a thread of its own, one at a time, until each is written.
//
// Owned by the engine, which also owns the store. A checkpoint that fails is tried again, after a
// pause that doubles from try to try, before any later one: rows that were taken out of the state
// are never lost, and what is on disk is always one prefix of the log. Begin, Flush and WaitIdle
// are called from the apply thread, the rest from any. The destructor gives up what is not written.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/ids.h"
#include "core/result.h"
#include "core/rows.h"
#include "storage/checkpoint_store.h"

namespace freshet::daemon {

// The rows that changed, and the positions that state had reached when they were taken.
struct Checkpoint {
  core::RowBatch rows;
  core::Positions covered;
  std::vector<storage::BadEntry> dead_letters;
  // Written when the machine has nothing better to do: answers are not to wait for it.
  bool in_spare_time = false;
};

// How long to wait before trying again what failed.
struct RetryPauses {
  std::chrono::milliseconds first{100};
  std::chrono::milliseconds longest{5000};
};

class Checkpointer {
 public:
  struct Progress {
    core::Status last_try;    // ok when nothing waits to be tried again
    core::Positions covered;  // of the last checkpoint written
    std::uint64_t written = 0;
    std::uint64_t tries = 0;
    double last_seconds = 0;  // that the last one written took
    std::uint64_t last_bytes = 0;
  };

  // `report` is called on the checkpointer's thread after each try, outside any lock.
  Checkpointer(storage::CheckpointStore* store, RetryPauses pauses, std::function<void()> report);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // True while a checkpoint is not yet written.
  [[nodiscard]] bool busy() const;
  // Waits until none is, or so long.
  void WaitIdle(std::chrono::milliseconds longest);
  [[nodiscard]] Progress progress() const;

  // An empty batch of rows for the next one, in the memory of the last that was written unless that
  // was unusually large: to get as much from the system and give it back takes longer than to fill
  // it.
  core::RowBatch TakeRoom();

  // Starts to write. REQUIRES: !busy().
  void Begin(Checkpoint checkpoint);

  // Has the store make a cut (storage::CheckpointStore) between two checkpoints. Blocks; any
  // thread, one call at a time.
  core::Status Cut(const std::string& folder);

  // Waits until nothing is left to write, or until a try that began after this call has failed;
  // then the error.
  core::Status Flush();

 private:
  // A cut that somebody waits for.
  struct CutWanted {
    std::string folder;
    std::optional<core::Status> status;  // once it is made
  };

  void Run();
  void MakeCut(std::unique_lock<std::mutex>* lock);
  // Tries once; true when the checkpoint is written. Lets go of `lock` meanwhile.
  bool Try(std::unique_lock<std::mutex>* lock);
  core::Status Commit(bool in_spare_time);

  storage::CheckpointStore* const store_;
  const RetryPauses pauses_;
  const std::function<void()> report_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Checkpoint> current_;  // only the thread looks inside; these are guarded by mutex_
  core::RowBatch room_;
  Progress progress_;
  CutWanted* cut_ = nullptr;
  bool hurry_ = false;  // Flush waits: no pauses
  bool stop_ = false;

  std::thread thread_;
};

}  // namespace freshet::daemon
