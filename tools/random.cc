#include "tools/random.h"

#include <algorithm>
#include <bit>

namespace freshet::tools {
namespace {

std::uint64_t SplitMix(std::uint64_t* state) {
  *state += 0x9E3779B97F4A7C15ULL;
  std::uint64_t mixed = *state;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
  return mixed ^ (mixed >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed) : state_() {
  for (std::uint64_t& word : state_) word = SplitMix(&seed);
}

std::uint64_t Random::Next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Random::Below(std::uint64_t limit) {
  // What lies above the last whole multiple of `limit` would favour small results.
  const std::uint64_t uneven = (0 - limit) % limit;
  std::uint64_t bits = Next();
  while (bits < uneven) bits = Next();
  return bits % limit;
}

void WeightedChoice::Assign(std::span<const std::uint64_t> weights) {
  sums_.clear();
  std::uint64_t sum = 0;
  for (const std::uint64_t weight : weights) sums_.push_back(sum += weight);
}

std::size_t WeightedChoice::Pick(Random* random) const {
  return PickWithin(0, sums_.size(), random);
}

std::size_t WeightedChoice::PickWithin(std::size_t begin, std::size_t end, Random* random) const {
  const std::uint64_t before = begin == 0 ? 0 : sums_[begin - 1];
  const std::uint64_t at = before + random->Below(sums_[end - 1] - before);
  return static_cast<std::size_t>(std::upper_bound(sums_.begin(), sums_.end(), at) - sums_.begin());
}

std::uint64_t ZipfWeight(std::uint64_t rank, std::uint64_t shift) {
  return (1ULL << 32) / (rank + 1 + shift);
}

}  // namespace freshet::tools
