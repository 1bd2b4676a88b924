// Engine: state that learns from a log while it answers. The log, the one apply thread, the gate
// and the checkpoints, without any network: the HTTP server and the command line's import both
// stand on it.
//
// Owned by the application. Start() loads the last checkpoint, replays the log's tail and begins to
// learn; Stop() takes a last checkpoint. Submit may be called from any thread between the two;
// queries go through a QueryThread, one a thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/recipes/campaign.h"
#include "core/recipes/recommend.h"
#include "core/state.h"
#include "daemon/gate.h"
#include "storage/checkpoint_store.h"
#include "storage/event_log.h"

namespace freshet::daemon {

struct EngineOptions {
  std::size_t maximum_query_threads = 64;
  std::size_t micro_batch = 256;  // entries applied in one turn at the gate
  std::chrono::milliseconds checkpoint_interval{1000};
};

// What an operator sees of the engine. A copy, taken at one moment.
struct EngineStatus {
  bool ready = false;             // the tail was replayed and entries can be taken
  std::string not_ready_because;  // when not
  core::Positions applied;        // next entry to apply
  core::Positions checkpointed;
  std::uint64_t lag = 0;              // durable entries not yet applied
  std::uint64_t applied_entries = 0;  // since the process started
  std::uint64_t duplicates = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t checkpoints = 0;
  double last_checkpoint_seconds = 0;
  std::uint64_t last_checkpoint_bytes = 0;
};

// What happened to one submission: ok when all of it is durable and applied.
using Submitted = std::function<void(core::Result<core::Positions>)>;

class Engine {
 public:
  // Called on the apply thread with the seconds from Submit to applied, for each submission.
  using EffectObserver = std::function<void(double seconds)>;

  Engine(core::Settings settings, std::unique_ptr<storage::EventLog> log,
         std::unique_ptr<storage::CheckpointStore> store, EngineOptions options,
         EffectObserver observe_effect = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Loads and replays, then starts the apply thread. Blocks until the tail is applied. `progress`
  // (may be empty) is called now and then with entries replayed and entries to replay.
  core::Status Start(const std::function<void(std::uint64_t, std::uint64_t)>& progress = {});

  // Stops taking entries, applies what is durable, checkpoints, stops the thread. The error of the
  // last checkpoint, if any. Idempotent.
  core::Status Stop();

  // Appends `entries` to the log and calls `done` (on the apply thread; must not block) once all
  // are durable and applied, or with the reason why they are not acknowledged: kExhausted when the
  // queue is full, kUnavailable when ingest has stopped. REQUIRES: each entry is valid
  // (core::Validate).
  void Submit(std::vector<core::LogEntry> entries, Submitted done);

  // Calls `done` once everything before `wanted` is applied: read-your-writes across replicas.
  void WaitFor(const core::Positions& wanted, Submitted done);

  // Any thread.
  [[nodiscard]] EngineStatus Status() const;

  // A query thread's access: reads go through the gate, with a scratch of its own.
  class QueryThread {
   public:
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
