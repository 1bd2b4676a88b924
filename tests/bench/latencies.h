// Latencies: what a run measured, and its percentiles.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace freshet::bench {

class Latencies {
 public:
  void Add(double seconds) { seconds_.push_back(seconds); }
  void Add(const Latencies& other) {
    seconds_.insert(seconds_.end(), other.seconds_.begin(), other.seconds_.end());
  }

  [[nodiscard]] std::size_t size() const { return seconds_.size(); }

  // The smallest value that at least `share` (0 to 1) of all do not exceed, in milliseconds; 0 when
  // there is none.
  [[nodiscard]] double Milliseconds(double share) {
    if (seconds_.empty()) return 0;
    const auto last = static_cast<double>(seconds_.size() - 1);
    const auto at = static_cast<std::ptrdiff_t>(share * last + 0.5);
    std::nth_element(seconds_.begin(), seconds_.begin() + at, seconds_.end());
    return seconds_[static_cast<std::size_t>(at)] * 1e3;
  }

 private:
  std::vector<double> seconds_;
};

}  // namespace freshet::bench
