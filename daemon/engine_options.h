// How the engine works: batch sizes and times. Plain values with their defaults.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "core/factors/served_factors.h"
#include "daemon/checkpointer.h"

namespace freshet::daemon {

struct EngineOptions {
  std::size_t maximum_query_threads = 64;

  // One turn at the gate ends after about so much time: a query may wait as long, and a turn may
  // have to wait for a query.
  std::chrono::microseconds turn_time{50};
  // Entries read from the log at once; several turns.
  std::size_t poll_batch = 1024;

  // The engine has caught up when no more entries than this are left before the log's end.
  std::uint64_t ready_lag_entries = 0;

  // A checkpoint is taken so long after the first change since the last one, or as soon as rows of
  // about so many bytes have changed; at most one at a time, and no sooner than the time
  // to encode the last one is one part in checkpoint_encoding_share of all (0: at any time).
  std::chrono::milliseconds checkpoint_interval{1000};
  std::uint64_t checkpoint_bytes = 8ULL << 20;
  unsigned checkpoint_encoding_share = 200;
  // Once caught up they are written while the processors have nothing better to do.
  bool checkpoints_in_spare_time = true;
  // While catching up: about so large, and learning waits when the next one is as large before the
  // last is written. One as large is never left to spare time.
  std::uint64_t checkpoint_catch_up_bytes = 40ULL << 20;
  // Bad entries kept for the next checkpoint; the oldest give way.
  std::size_t maximum_dead_letters = 10'000;

  // How much of the apply thread's time goes to asking campaigns what they would have answered, 0
  // for none, and how many answers of each the figures are of; see LiveQuality.
  double quality_time_share = 0;
  std::size_t quality_window = 2000;
  // The generation that answers are made with at that moment, which they are then measured with.
  // Called on the apply thread; empty, or null, for none.
  std::function<std::shared_ptr<const core::ServedFactors>()> serving_factors;

  RetryPauses checkpoint_retry;
  RetryPauses log_retry{std::chrono::milliseconds(50), std::chrono::milliseconds(1000)};
};

}  // namespace freshet::daemon
