// Pacer: has work that nobody waits for be done in bites, with rests in between.
//
// A thread that works for long keeps its processor until the system's next tick, milliseconds, from
// whoever the scheduler thinks has had enough. Linux's EEVDF (6.6 and later) can think so of one
// who holds what everybody waits for, even beside a thread of SCHED_IDLE. A thread that sleeps of
// itself gives the processor back at once.
//
// Shared by those who do the work and whoever says how it is to be done. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>

namespace freshet::storage {

class Pacer {
 public:
  using Rest = std::function<void(std::chrono::nanoseconds)>;

  // A rest is `rests_per_bite` times as long as the processor was used before it. `rest` is how: by
  // default asleep.
  explicit Pacer(int rests_per_bite, Rest rest = Sleep);

  // Whether there are rests; at first there are none. In the midst of the work too.
  void SetGentle(bool gentle) { gentle_.store(gentle, std::memory_order_relaxed); }

  // To be called by a thread that works, after each little piece. Rests when the thread has used
  // kBite of its processor since it last did.
  void RestIfDue() const {
    if (gentle_.load(std::memory_order_relaxed)) RestAfterBite();
  }

  static constexpr std::chrono::microseconds kBite{50};
  // After a piece of whatever length.
  static constexpr std::chrono::milliseconds kLongestRest{5};

 private:
  static void Sleep(std::chrono::nanoseconds rest);
  void RestAfterBite() const;

  const int rests_per_bite_;
  const Rest rest_;
  std::atomic<bool> gentle_ = false;
};

}  // namespace freshet::storage
