// DecayedCounter: a sum of weights, each halved with every half-life since its event.
//
// Forward decay (Cormode, Shkapenyuk, Srivastava, Xu: "Forward Decay", ICDE 2009) in the log
// domain: the counter is log2 of sum w_i * 2^(t_i / half_life). That number does not depend on
// "now", so counters of equal half-life compare by it for ever, late events need no special case,
// and it only grows.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

namespace freshet::core {

class DecayedCounter {
 public:
  DecayedCounter() = default;
  explicit DecayedCounter(double log2_mass) : log2_mass_(log2_mass) {}

  // REQUIRES: weight > 0, half_life_ms > 0.
  void Add(double weight, std::int64_t time_ms, std::int64_t half_life_ms) {
    const double added =
        std::log2(weight) + static_cast<double>(time_ms) / static_cast<double>(half_life_ms);
    const double high = added > log2_mass_ ? added : log2_mass_;
    const double low = added > log2_mass_ ? log2_mass_ : added;
    log2_mass_ = high + std::log2(1.0 + std::exp2(low - high));
  }

  // The natural logarithm of At; minus infinity when nothing was added.
  [[nodiscard]] double LogAt(std::int64_t now_ms, std::int64_t half_life_ms) const {
    return (log2_mass_ - static_cast<double>(now_ms) / static_cast<double>(half_life_ms)) *
           std::numbers::ln2;
  }
  // The decayed sum as of `now_ms`, in units of weight.
  [[nodiscard]] double At(std::int64_t now_ms, std::int64_t half_life_ms) const {
    return std::exp2(log2_mass_ - static_cast<double>(now_ms) / static_cast<double>(half_life_ms));
  }

  // Orders counters of one half-life; minus infinity when nothing was added.
  [[nodiscard]] double log2_mass() const { return log2_mass_; }

 private:
  double log2_mass_ = -std::numeric_limits<double>::infinity();
};

}  // namespace freshet::core
