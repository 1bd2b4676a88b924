// The two hash functions of Freshet. Both give the same number in every process and on every
// machine, since one of them is stored.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace freshet::core {

// Folds the 128-bit product of two numbers into 64 bits: every bit of the result depends on every
// bit of both.
inline std::uint64_t FoldedProduct(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// The `size` bytes, 1 to 8, as one number, the first the lowest. By loads of a known size that
// overlap: most names are so short, and a call that copies them takes longer than all the rest.
inline std::uint64_t LastWord(const char* from, std::size_t size) {
  if (size >= 4) {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    std::memcpy(&low, from, 4);
    std::memcpy(&high, from + size - 4, 4);
    return low | static_cast<std::uint64_t>(high) << (8 * (size - 4));
  }
  const auto byte = [from](std::size_t i) {
    return static_cast<std::uint64_t>(static_cast<unsigned char>(from[i])) << (8 * i);
  };
  return byte(0) | byte(size / 2) | byte(size - 1);
}

// A fast hash for tables in memory; not for telling texts apart by it.
inline std::uint64_t FastHash(std::string_view text) {
  constexpr std::uint64_t kStart = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio
  constexpr std::uint64_t kStep = 0xD6E8FEB86659FD93;
  std::uint64_t state = FoldedProduct(text.size() ^ kStart, kStep);
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left > 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    state = FoldedProduct(state ^ word, kStep);
  }
  if (left > 0) state = FoldedProduct(state ^ LastWord(at, left), kStep);
  return FoldedProduct(state ^ kStart, kStep);
}

// 128 bits that tell texts apart: SipHash-2-4 with 128 bits of output (Aumasson, Bernstein:
// "SipHash: a fast short-input PRF", INDOCRYPT 2012) under a key.
class SipHash {
 public:
  using Digest = std::array<std::uint64_t, 2>;

  static Digest Of(std::string_view text, std::uint64_t key0, std::uint64_t key1) {
    SipHash hash(key0, key1);
    std::size_t at = 0;
    for (; text.size() - at >= 8; at += 8) hash.Absorb(Word(text.substr(at, 8)));
    hash.Absorb(Word(text.substr(at)) | static_cast<std::uint64_t>(text.size()) << 56);
    return hash.Finish();
  }

 private:
  // The constants are the paper's: "somepseudorandomlygeneratedbytes"; 0xEE asks for 128 bits.
  SipHash(std::uint64_t key0, std::uint64_t key1)
      : v_{key0 ^ 0x736F6D6570736575, key1 ^ 0x646F72616E646F6D ^ 0xEE, key0 ^ 0x6C7967656E657261,
           key1 ^ 0x7465646279746573} {}

  static std::uint64_t Word(std::string_view bytes) {
    std::uint64_t word = 0;
    if (!bytes.empty()) std::memcpy(&word, bytes.data(), bytes.size());
    return word;
  }

  void Absorb(std::uint64_t word) {
    v_[3] ^= word;
    Rounds(2);
    v_[0] ^= word;
  }

  Digest Finish() {
    Digest digest{};
    v_[2] ^= 0xEE;
    Rounds(4);
    digest[0] = v_[0] ^ v_[1] ^ v_[2] ^ v_[3];
    v_[1] ^= 0xDD;
    Rounds(4);
    digest[1] = v_[0] ^ v_[1] ^ v_[2] ^ v_[3];
    return digest;
  }

  void Rounds(int count) {
    for (int i = 0; i < count; ++i) {
      v_[0] += v_[1];
      v_[2] += v_[3];
      v_[1] = std::rotl(v_[1], 13) ^ v_[0];
      v_[3] = std::rotl(v_[3], 16) ^ v_[2];
      v_[0] = std::rotl(v_[0], 32);
      v_[2] += v_[1];
      v_[0] += v_[3];
      v_[1] = std::rotl(v_[1], 17) ^ v_[2];
      v_[3] = std::rotl(v_[3], 21) ^ v_[0];
      v_[2] = std::rotl(v_[2], 32);
    }
  }

  std::array<std::uint64_t, 4> v_;
};

}  // namespace freshet::core
