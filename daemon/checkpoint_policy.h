// CheckpointPolicy: when the next checkpoint is due.
//
// How many bytes of rows have changed is not known before they are encoded, so they are estimated
// from what an entry changed on average up to the last checkpoint. Owned by the apply loop;
// single-threaded. Keeps no clock: the caller says what time it is.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace freshet::daemon {

class CheckpointPolicy {
 public:
  using Time = std::chrono::steady_clock::time_point;

  CheckpointPolicy(std::chrono::milliseconds interval, std::uint64_t bytes)
      : interval_(interval), bytes_(bytes) {}

  // `entries` were applied (bad ones count too).
  void Changed(std::uint64_t entries, Time now) {
    if (entries_ == 0) first_change_ = now;
    entries_ += entries;
  }

  // A checkpoint of `bytes` was taken of all that changed.
  void Taken(std::uint64_t bytes) {
    if (entries_ > 0) bytes_per_entry_ = std::max<std::uint64_t>(1, bytes / entries_);
    entries_ = 0;
  }

  [[nodiscard]] bool changed() const { return entries_ > 0; }
  // When the interval makes the next checkpoint due. REQUIRES: changed().
  [[nodiscard]] Time due() const { return first_change_ + interval_; }
  [[nodiscard]] bool IsDue(Time now) const {
    return changed() && (now >= due() || entries_ * bytes_per_entry_ >= bytes_);
  }

 private:
  const std::chrono::milliseconds interval_;
  const std::uint64_t bytes_;
  std::uint64_t bytes_per_entry_ = 1024;
  std::uint64_t entries_ = 0;  // since the last checkpoint
  Time first_change_;
};

}  // namespace freshet::daemon
