#include "daemon/api/answer_ids.h"

#include <bit>
#include <cstring>
#include <random>

namespace freshet::daemon::api {

AnswerIds::AnswerIds() {
  std::random_device device;
  for (std::uint64_t& word : state_) word = (std::uint64_t{device()} << 32) | device();
  std::memcpy(text_, "RID-", 4);
}

// xoshiro256** (Blackman and Vigna, 2018).
std::uint64_t AnswerIds::Next() {
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

const char* AnswerIds::Fill() {
  constexpr char kHex[] = "0123456789abcdef";
  std::uint64_t high = Next();
  std::uint64_t low = Next();
  high = (high & ~0xF000ULL) | 0x4000ULL;      // version 4
  low = (low & ~(3ULL << 62)) | (2ULL << 62);  // variant 10
  char* out = text_ + 4;
  for (int nibble = 15; nibble >= 0; --nibble) {
    *out++ = kHex[(high >> (nibble * 4)) & 0xF];
    if (nibble == 8 || nibble == 4 || nibble == 0) *out++ = '-';
  }
  for (int nibble = 15; nibble >= 0; --nibble) {
    *out++ = kHex[(low >> (nibble * 4)) & 0xF];
    if (nibble == 12) *out++ = '-';
  }
  return text_ + 4;
}

}  // namespace freshet::daemon::api
