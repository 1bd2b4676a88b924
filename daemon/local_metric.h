// LocalCounter and LocalHistogram: figures that one thread writes without a lock and any thread
// reads.
//
// Each belongs to the one thread that calls Add or Observe; that costs a few nanoseconds. Sums over
// threads are made when somebody asks (metrics.h).
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace freshet::daemon {

class LocalCounter {
 public:
  void Add(std::uint64_t count = 1) {
    count_.store(count_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t Get() const { return count_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> count_{0};
};

// Seconds, from 10 microseconds to 10 seconds.
class LocalHistogram {
 public:
  static constexpr std::array kUpperBounds = {10e-6,  25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3,
                                              2.5e-3, 5e-3,  10e-3, 25e-3,  50e-3,  100e-3, 250e-3,
                                              500e-3, 1.0,   2.5,   5.0,    10.0};

  void Observe(double seconds) {
    const auto bound = std::lower_bound(kUpperBounds.begin(), kUpperBounds.end(), seconds);
    counts_[static_cast<std::size_t>(std::distance(kUpperBounds.begin(), bound))].Add();
    sum_.store(sum_.load(std::memory_order_relaxed) + seconds, std::memory_order_relaxed);
  }

  // One more than there are bounds: the last counts what is beyond all of them.
  [[nodiscard]] std::uint64_t Count(std::size_t bucket) const { return counts_[bucket].Get(); }
  [[nodiscard]] double Sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::array<LocalCounter, kUpperBounds.size() + 1> counts_;
  std::atomic<double> sum_{0};
};

}  // namespace freshet::daemon
