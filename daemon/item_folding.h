// ItemFolding: keeps the items that were born since the training in what is served, as
// core::ItemFoldIn says.
//
// Owned by the application; the engine and the generations outlive it. A thread of its own walks
// the catalogue, some tens of microseconds at the gate at a time, and computes between; what came
// out of a walk is served as one new version. It works for at most a tenth of the time: where much
// is new, walks take longer. Not of low priority: a thread that is pushed aside while it reads at
// the gate would make everybody wait.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>

#include "core/recipes/item_fold_in.h"
#include "daemon/engine.h"
#include "daemon/generations.h"

namespace freshet::daemon {

class ItemFolding {
 public:
  // Takes one of the engine's places for query threads, and begins: a walk, `pause` later the next.
  // At most `maximum_items` are folded in. REQUIRES: the engine has begun.
  ItemFolding(Engine* engine, Generations* generations, std::chrono::milliseconds pause,
              std::size_t maximum_items);
  // Ends the thread at once.
  ~ItemFolding();
  ItemFolding(const ItemFolding&) = delete;
  ItemFolding& operator=(const ItemFolding&) = delete;

 private:
  using Clock = std::chrono::steady_clock;

  void Run();
  void Walk();
  // Waits so long; false when this is to stop.
  bool Rest(Clock::duration time);

  Generations* const generations_;
  const std::chrono::milliseconds pause_;

  // The thread's own.
  Engine::QueryThread query_;
  core::ItemFoldIn fold_in_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;  // guarded by mutex_

  std::thread thread_;
};

}  // namespace freshet::daemon
