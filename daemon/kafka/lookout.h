// Lookout: looks again and again which partitions there are, on a thread of its own, because
// brokers that hang keep whoever asks waiting for seconds.
//
// Owned by the reader, whose thread calls Restart and Take; neither waits. Hurry and Close may be
// called from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "core/ids.h"
#include "core/result.h"

namespace freshet::daemon::kafka {

class Lookout {
 public:
  // The partitions, or why the brokers did not say.
  using Found = core::Result<core::Positions>;

  struct Pauses {
    std::chrono::milliseconds after_answer{5000};
    std::chrono::milliseconds after_failure{250};
  };

  // `look` is called on the lookout's thread and may block. Nothing is looked for before Restart.
  Lookout(std::function<Found()> look, const Pauses& pauses);
  // Waits for a look under way.
  ~Lookout();
  Lookout(const Lookout&) = delete;
  Lookout& operator=(const Lookout&) = delete;

  // The brokers have just answered: looks again after a pause. What was found before, and what a
  // look under way finds, is dropped.
  void Restart();
  // Looks at once.
  void Hurry();
  // What was found since the last call, if anything.
  std::optional<Found> Take();
  // Looks no more.
  void Close();

 private:
  void Run();

  const std::function<Found()> look_;
  const Pauses pauses_;

  std::mutex mutex_;  // guards everything below but the thread
  std::condition_variable changed_;
  std::uint64_t run_ = 0;  // counts Restart
  std::chrono::steady_clock::time_point next_look_;
  bool hurry_ = false;
  bool closed_ = false;
  std::optional<Found> found_;
  std::thread thread_;
};

}  // namespace freshet::daemon::kafka
