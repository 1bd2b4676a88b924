#include "core/factors/int8_kernel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace freshet::core {
namespace {

constexpr std::size_t kGroup = 4;  // dimensions that lie side by side
constexpr std::size_t kGroupBytes = kGroup * kInt8Lanes;
constexpr float kGreatestQueryCode = 63;

#if defined(__x86_64__)
// As the portable kernel, 32 codes at a time.
__attribute__((target("avx2"))) std::uint32_t Avx2Kernel(const std::uint8_t* block,
                                                         const Int8Query& query, float threshold,
                                                         float* scores) {
  const std::int8_t* codes = query.codes().data();
  const std::size_t groups = query.codes().size() / kGroup;
  const __m256i ones = _mm256_set1_epi16(1);
  const auto products = [&](std::size_t group) __attribute__((target("avx2"))) {
    std::int32_t four = 0;
    std::memcpy(&four, codes + group * kGroup, sizeof(four));
    const __m256i theirs =
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block + group * kGroupBytes));
    return _mm256_madd_epi16(_mm256_maddubs_epi16(theirs, _mm256_set1_epi32(four)), ones);
  };
  // Two sums, because each addition waits for the one before.
  __m256i even = _mm256_set1_epi32(-query.excess());
  __m256i odd = _mm256_setzero_si256();
  for (std::size_t group = 0; group < groups; group += 2) {
    even = _mm256_add_epi32(even, products(group));
    odd = _mm256_add_epi32(odd, products(group + 1));
  }
  const __m256 scales =
      _mm256_loadu_ps(reinterpret_cast<const float*>(block + groups * kGroupBytes));
  const __m256 scored = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_add_epi32(even, odd)),
                                      _mm256_mul_ps(scales, _mm256_set1_ps(query.scale())));
  _mm256_storeu_ps(scores, scored);
  return static_cast<std::uint32_t>(
      _mm256_movemask_ps(_mm256_cmp_ps(scored, _mm256_set1_ps(threshold), _CMP_GE_OQ)));
}
#endif

}  // namespace

void Int8Query::Assign(std::span<const float> vector) {
  float greatest = 0;
  for (const float number : vector) greatest = std::max(greatest, std::abs(number));
  scale_ = greatest / kGreatestQueryCode;
  codes_.assign((vector.size() + kInt8Lanes - 1) / kInt8Lanes * kInt8Lanes, 0);
  excess_ = 0;
  if (!std::isnormal(scale_)) return;
  for (std::size_t i = 0; i < vector.size(); ++i) {
    codes_[i] = static_cast<std::int8_t>(std::lrint(vector[i] / scale_));
    excess_ += kInt8Zero * codes_[i];
  }
}

std::uint32_t PortableInt8Kernel(const std::uint8_t* block, const Int8Query& query, float threshold,
                                 float* scores) {
  const std::vector<std::int8_t>& codes = query.codes();
  std::array<std::int32_t, kInt8Lanes> sums;
  sums.fill(-query.excess());
  const std::uint8_t* theirs = block;
  for (std::size_t group = 0; group < codes.size(); group += kGroup) {
    for (std::size_t lane = 0; lane < kInt8Lanes; ++lane) {
      for (std::size_t i = 0; i < kGroup; ++i) sums[lane] += *theirs++ * codes[group + i];
    }
  }
  std::array<float, kInt8Lanes> scales;
  std::memcpy(scales.data(), theirs, sizeof(scales));
  std::uint32_t reached = 0;
  for (std::size_t lane = 0; lane < kInt8Lanes; ++lane) {
    scores[lane] = static_cast<float>(sums[lane]) * (scales[lane] * query.scale());
    reached |= static_cast<std::uint32_t>(scores[lane] >= threshold) << lane;
  }
  return reached;
}

Int8Kernel BestInt8Kernel() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) return Avx2Kernel;
#endif
  return PortableInt8Kernel;
}

}  // namespace freshet::core
