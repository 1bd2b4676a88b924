#include "daemon/api/answer_ids.h"

#include <cstdint>
#include <cstring>

namespace freshet::daemon::api {

AnswerIds::AnswerIds() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device()};
  random_.seed(seed);
  std::memcpy(text_, "RID-", 4);
}

const char* AnswerIds::Fill() {
  constexpr char kHex[] = "0123456789abcdef";
  std::uint64_t high = random_();
  std::uint64_t low = random_();
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
