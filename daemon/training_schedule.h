// TrainingSchedule: trains a generation now and then, in a process of its own, from what the engine
// has learned.
//
// Owned by the application; the engine and the generations outlive it. Its thread, of low priority,
// takes a cut of the last checkpoint, runs `freshet train` over it into the folder of generations,
// and removes those that were outlived. The trainer compares what it makes with what is served, and
// whoever reads the folder takes only what holds (storage/generation_choice.h), so nothing here
// decides what is served. Whatever becomes of a training, what is served goes on, and so does the
// schedule. status() may be called from any thread, the rest by the owner's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "config/settings.h"
#include "core/result.h"
#include "daemon/child_process.h"
#include "daemon/engine.h"
#include "daemon/generations.h"
#include "storage/file.h"

namespace freshet::daemon {

class TrainingSchedule {
 public:
  enum class Outcome { kMade, kRefused, kTooLittle, kFailed };
  static constexpr std::array<std::string_view, 4> kOutcomeNames = {"made", "refused", "too-little",
                                                                    "failed"};
  struct Ended {
    Outcome outcome = Outcome::kMade;
    std::string reason;      // empty when it was made and holds
    std::string generation;  // empty when none was made
    std::int64_t began_ms = 0;
    double seconds = 0;
  };
  struct Status {
    std::uint32_t every_s = 0;  // 0: it never trains
    bool running = false;
    std::int64_t next_ms = 0;  // when the next begins, or the one that runs has begun
    std::optional<Ended> last;
    std::int64_t last_made_ms = 0;  // when the last one began that was made and holds; 0: none yet
    std::array<std::uint64_t, kOutcomeNames.size()> counts{};  // by outcome
  };

  // Removes the cut that an earlier process may have left. `settings` outlive this.
  TrainingSchedule(const config::Settings& settings, Engine* engine,
                   const Generations* generations);
  ~TrainingSchedule();
  TrainingSchedule(const TrainingSchedule&) = delete;
  TrainingSchedule& operator=(const TrainingSchedule&) = delete;

  // Begins to train when it is time to, unless the settings say never. Once.
  void Start();
  // Ends a training that is under way, and the thread. Idempotent; the destructor calls it.
  void Stop();

  [[nodiscard]] Status status() const;

 private:
  void Run();
  // Waits so long; false when this is to stop.
  [[nodiscard]] bool Wait(std::int64_t milliseconds) const;
  [[nodiscard]] std::optional<std::int64_t> LastMade() const;
  void Train(std::int64_t began_ms);
  // Nothing when it was stopped.
  std::optional<Ended> Make(const std::string& name);
  core::Status TakeCut();
  // The generation whose place a new one is to take; empty when there is none.
  [[nodiscard]] std::string Rival() const;
  [[nodiscard]] ChildCommand Command(const std::string& name) const;
  [[nodiscard]] Ended Judge(const ChildEnd& end, const std::string& name,
                            const std::string& last_line) const;
  void RemoveOutlived() const;
  void Report(const Ended& ended);

  const config::Settings& settings_;
  Engine* const engine_;
  const Generations* const generations_;
  const std::string cut_;  // the folder of the cut, beside the engine's own
  const storage::File stop_event_;

  mutable std::mutex mutex_;
  Status status_;  // guarded by mutex_

  std::thread thread_;
};

}  // namespace freshet::daemon
