// The inner product of two vectors of float32.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstring>
#include <span>

namespace freshet::core {

// The sum is always taken in the same order, so that equal vectors have equal products wherever
// they are compared. REQUIRES: equally many numbers in both.
inline float InnerProduct(std::span<const float> a, std::span<const float> b) {
  // Four numbers side by side; GCC and Clang make vector instructions of it on every processor.
  using Lanes = float __attribute__((vector_size(16)));
  constexpr std::size_t kLanes = 4;
  constexpr std::size_t kSums = 4;  // as many as hide that an addition takes some cycles
  Lanes sums[kSums] = {};
  std::size_t at = 0;
  for (; at + kSums * kLanes <= a.size(); at += kSums * kLanes) {
    for (std::size_t i = 0; i < kSums; ++i) {
      Lanes left;
      Lanes right;
      std::memcpy(&left, a.data() + at + i * kLanes, sizeof(left));
      std::memcpy(&right, b.data() + at + i * kLanes, sizeof(right));
      sums[i] += left * right;
    }
  }
  const Lanes all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  float sum = (all[0] + all[1]) + (all[2] + all[3]);
  for (; at < a.size(); ++at) sum += a[at] * b[at];
  return sum;
}

inline float Norm(std::span<const float> vector) { return std::sqrt(InnerProduct(vector, vector)); }

}  // namespace freshet::core
