#include "core/event_weight.h"

#include "core/ascii.h"

namespace freshet::core {

TypeWeight TypeWeightOf(const EventWeights& weights, std::string_view event_type) {
  TypeWeight found{weights.other, std::nullopt};
  for (const auto& [type, weight] : weights.by_type) {
    if (EqualIgnoringCase(type, event_type)) found.weight = weight;
  }
  for (const auto& [type, threshold] : weights.value_thresholds) {
    if (EqualIgnoringCase(type, event_type)) found.value_threshold = threshold;
  }
  return found;
}

}  // namespace freshet::core
