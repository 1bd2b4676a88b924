// DemandChange: what one event adds to the decayed demand for its item.
//
// A user counts for an item once, by the strongest event and as of the latest, so that a visitor
// who comes back a hundred times does not lead what every stranger sees. An event therefore only
// renews what is left of the user's earlier ones: it adds the more, the longer ago they are.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/history.h"
#include "core/settings.h"

namespace freshet::core {

struct DemandChange {
  double over_long = 0;
  double over_short = 0;
};

// `touch` is what the event changed in its user's history.
inline DemandChange DemandChangeOf(const History::Touch& touch, const Settings& settings) {
  const auto weight = static_cast<double>(touch.after.weight);
  if (touch.before.weight == 0) return {weight, weight};
  const auto old_weight = static_cast<double>(touch.before.weight);
  // Whole seconds on both sides: many events within one second add nothing.
  const double age_ms = 1000.0 * static_cast<double>(touch.after.time_s - touch.before.time_s);
  const auto renewed = [&](std::int64_t half_life_ms) {
    return weight - old_weight * std::exp2(-age_ms / static_cast<double>(half_life_ms));
  };
  return {renewed(settings.popularity_half_life_ms), renewed(settings.trend_half_life_ms)};
}

}  // namespace freshet::core
