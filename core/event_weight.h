// How strongly an event counts, by its type and value: the one rule, for the live state and for
// training.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/log_entry.h"
#include "core/settings.h"

namespace freshet::core {

// What the settings say of one event type.
struct TypeWeight {
  std::uint32_t weight = 1;
  std::optional<double> value_threshold;

  // 0, for an event that was seen and not liked, when the value is below the threshold. An event
  // without a value counts as its type does.
  [[nodiscard]] std::uint32_t Of(const std::optional<double>& value) const {
    return value_threshold && value && *value < *value_threshold ? 0 : weight;
  }
};

TypeWeight TypeWeightOf(const EventWeights& weights, std::string_view event_type);

inline std::uint32_t WeightOf(const EventWeights& weights, const Event& event) {
  return TypeWeightOf(weights, event.event_type).Of(event.value);
}

}  // namespace freshet::core
