// A checksum of stored bytes: it surely differs when one bit, or anything within one group of eight
// bytes, differs, and almost surely otherwise. Not against people who forge bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace freshet::storage {

inline std::uint64_t Checksum(std::string_view bytes, std::uint64_t seed = 0) {
  // Odd, so that each step can be undone: a difference once made stays.
  constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15;
  constexpr int kShift = 29;
  std::uint64_t sum = seed ^ bytes.size();
  const auto mix = [&sum](std::uint64_t word) {
    sum = (sum ^ word) * kFactor;
    sum ^= sum >> kShift;
  };
  for (; bytes.size() >= sizeof(std::uint64_t); bytes.remove_prefix(sizeof(std::uint64_t))) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof(word));
    mix(word);
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, bytes.data(), bytes.size());
  mix(rest);
  return sum;
}

}  // namespace freshet::storage
