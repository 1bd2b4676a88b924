// Engine: state that learns from a log while it answers. The log, the one apply thread, the gate
// and the checkpoints, without any network: the HTTP server and the command line's import both
// stand on it.
//
// Owned by the application. Start() loads the last checkpoint, replays the log's tail and goes on
// learning, or Begin() does the same without waiting for it; Stop() takes a last checkpoint; all
// are called by the owner's thread. Submit and WaitFor
// may be called from any thread; queries go through a QueryThread, one a thread.
//
// What fails on the way does not stop the answers. While checkpoints cannot be written no entries
// are taken; while the log cannot be written each submission is told so. Status() says why, both
// are tried again until they work, and nothing acknowledged is lost.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/recipes/campaign.h"
#include "core/recipes/recommend.h"
#include "core/state.h"
#include "daemon/engine_options.h"
#include "daemon/engine_status.h"
#include "daemon/gate.h"
#include "daemon/live_quality.h"
#include "daemon/waiters.h"
#include "storage/checkpoint_store.h"
#include "storage/event_log.h"

namespace freshet::daemon {

class Engine {
 public:
  // Called on the apply thread with the seconds from Submit to applied, for each submission.
  using EffectObserver = std::function<void(double seconds)>;

  Engine(core::Settings settings, std::unique_ptr<storage::EventLog> log,
         std::unique_ptr<storage::CheckpointStore> store, const EngineOptions& options,
         EffectObserver observe_effect = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Called with entries replayed and, about, entries to replay.
  using Progress = std::function<void(std::uint64_t, std::uint64_t)>;

  // Loads the checkpoint and starts the apply thread, which first catches up with the log: status
  // says how far it is, queries are answered from what there is, and submissions are taken. For a
  // log that may be long or away. An error when the checkpoint cannot be loaded, or the log knows
  // already that it cannot continue there.
  core::Status Begin();

  // Begin, and then blocks until the tail is applied, for a log that is at hand. `progress` (may be
  // empty) is called now and then, on the caller's thread. An error of the log on the way stops the
  // engine.
  core::Status Start(const Progress& progress = {});

  // Stops taking entries, applies what is durable, checkpoints, stops the thread. The error of the
  // last checkpoint, if any; the log still has what it would have covered. Idempotent; the
  // destructor calls it.
  core::Status Stop();

  // Appends `entries` to the log and calls `done` once all are durable and applied, or with the
  // reason why they are not acknowledged: kOverloaded when the queue is full, kUnavailable when
  // ingest has stopped, or the log's own error. `done` is called exactly once and must not block:
  // on the apply thread, on a thread of the log when it fails, or inside Submit when the outcome is
  // known at once. REQUIRES: each entry is valid (core::Validate).
  void Submit(std::vector<core::LogEntry> entries, Submitted done);

  // Calls `done`, as Submit does, once everything before `wanted` is applied: read-your-writes
  // across replicas. Inside WaitFor when it is applied already. The ticket is for StopWaiting.
  Waiters::Ticket WaitFor(const core::Positions& wanted, Submitted done);

  // Forgets a WaitFor whose outcome nobody needs any more, and frees its callback.
  void StopWaiting(const core::Positions& wanted, Waiters::Ticket ticket);

  // How many submissions and queries wait for the apply thread. Any thread.
  [[nodiscard]] std::size_t waiting() const;

  // Any thread.
  [[nodiscard]] EngineStatus Status() const;

  // Makes a store of the last checkpoint at `folder` (storage::CheckpointStore::Cut). Blocks, but
  // neither learning nor answers wait. Any thread, one call at a time, before Stop.
  core::Status Cut(const std::string& folder);

  // How good the campaigns' latest answers were. Any thread.
  [[nodiscard]] LiveQuality::Figures Quality() const;

  // A query thread's access: reads go through the gate, with a scratch of its own. The engine
  // outlives it.
  class QueryThread {
   public:
    // Takes one of options.maximum_query_threads places; aborts when all are taken.
    explicit QueryThread(Engine* engine);

    // Runs read(const core::State&, core::QueryScratch*) on one consistent cut. Keep it to tens of
    // microseconds: the writer waits.
    template <typename Function>
    decltype(auto) Read(Function&& read) {
      return reader_.Read([&]() -> decltype(auto) { return read(engine_->state(), &scratch_); });
    }

   private:
    Engine* engine_;
    Gate::Reader reader_;
    core::QueryScratch scratch_;
  };

  // Changed by the apply thread only, in the gate; read by others through a QueryThread, or by
  // anyone before Start and after Stop.
  [[nodiscard]] const core::State& state() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace freshet::daemon
