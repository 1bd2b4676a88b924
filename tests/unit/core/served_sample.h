// A small generation of random vectors, for tests of what serves one: its items are i0, i1, ...
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "core/factors/served_factors.h"

namespace freshet::core {

inline constexpr std::size_t kSampleDimension = 12;

inline Generation SampleGeneration(std::size_t items, std::uint32_t seed = 1) {
  Generation generation;
  generation.items = FactorMatrix(items, kSampleDimension);
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 0.3F);
  for (float& value : generation.items.values()) value = normal(random);
  for (std::size_t i = 0; i < items; ++i) generation.item_ids.push_back("i" + std::to_string(i));
  generation.manifest.objective = Objective{.alpha = 1,
                                            .background_weight = 0.1,
                                            .user_regularization = {0.05, 1, 6},
                                            .item_regularization = {0.05, 1, 6}};
  return generation;
}

inline std::unique_ptr<const ServedFactors> ServedSample(std::size_t items,
                                                         std::uint32_t seed = 1) {
  auto made =
      ServedFactors::Make("sample", SampleGeneration(items, seed), {.has_directions = true});
  return made ? std::move(*made) : nullptr;
}

}  // namespace freshet::core
