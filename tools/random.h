// Random: a seeded stream of numbers that is the same on every platform and compiler.
//
// The algorithms are fixed here (SplitMix64 for the seed, xoshiro256** for the stream) and all
// results are integers, because what std's distributions return differs from library to library and
// floating-point rounding from processor to processor. Not for secrets. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace freshet::tools {

class Random {
 public:
  explicit Random(std::uint64_t seed);

  // Any 64 bits.
  std::uint64_t Next();

  // Evenly 0 to limit - 1. REQUIRES: limit > 0.
  std::uint64_t Below(std::uint64_t limit);

  // Evenly lowest to highest, both included. REQUIRES: lowest <= highest.
  std::uint64_t Between(std::uint64_t lowest, std::uint64_t highest) {
    return lowest + Below(highest - lowest + 1);
  }

  // True `percent` times of a hundred.
  bool Percent(unsigned percent) { return Below(100) < percent; }

 private:
  std::array<std::uint64_t, 4> state_;
};

// WeightedChoice picks an index with a chance in proportion to its weight, by binary search in the
// running sums. Immutable until the next Assign.
class WeightedChoice {
 public:
  // REQUIRES: the sum of weights is below 2^64.
  void Assign(std::span<const std::uint64_t> weights);

  // False when every weight is zero: there is nothing to pick.
  [[nodiscard]] bool CanPick() const { return !sums_.empty() && sums_.back() > 0; }

  // REQUIRES: CanPick().
  std::size_t Pick(Random* random) const;

  // The same among the indices from `begin` to before `end`. REQUIRES: one of them has a weight.
  std::size_t PickWithin(std::size_t begin, std::size_t end, Random* random) const;

 private:
  std::vector<std::uint64_t> sums_;
};

// The weight of `rank` (0 is the first) under Zipf's law with exponent one, flattened at the head
// by `shift`: the first does not take everything.
std::uint64_t ZipfWeight(std::uint64_t rank, std::uint64_t shift);

}  // namespace freshet::tools
