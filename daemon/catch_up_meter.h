// CatchUpMeter: how fast the log's tail is applied. The apply thread's.
#pragma once

#include <chrono>
#include <optional>

#include "core/ids.h"
#include "daemon/engine_status.h"

namespace freshet::daemon {

class CatchUpMeter {
 public:
  void Note(std::chrono::steady_clock::time_point now, const core::Positions& applied) {
    if (!since_) return Restart(now, applied);
    const std::chrono::duration<double> seconds = now - *since_;
    if (seconds < kWindow) return;
    const double rate = static_cast<double>(Distance(from_, applied)) / seconds.count();
    // The newest second counts for a third, so that the time left does not jump.
    rate_ = rate_ == 0 ? rate : (2 * rate_ + rate) / 3;
    Restart(now, applied);
  }

  // Entries a second; 0 before the first second is over.
  [[nodiscard]] double rate() const { return rate_; }

 private:
  static constexpr std::chrono::seconds kWindow{1};

  void Restart(std::chrono::steady_clock::time_point now, const core::Positions& applied) {
    since_ = now;
    from_ = applied;
  }

  std::optional<std::chrono::steady_clock::time_point> since_;
  core::Positions from_;
  double rate_ = 0;
};

}  // namespace freshet::daemon
