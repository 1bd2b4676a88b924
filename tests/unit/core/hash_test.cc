#include "core/hash.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace freshet::core {
namespace {

// The inputs and the key of the reference implementation's test: bytes 0, 1, 2, ...
std::string Counting(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

SipHash::Digest UnderTheReferenceKey(std::string_view text) {
  return SipHash::Of(text, 0x0706050403020100, 0x0F0E0D0C0B0A0908);
}

TEST(SipHash, GivesThePublishedDigests) {
  EXPECT_EQ(UnderTheReferenceKey(""), (SipHash::Digest{0xE6A825BA047F81A3, 0x930255C71472F66D}));
  EXPECT_EQ(UnderTheReferenceKey(Counting(1)),
            (SipHash::Digest{0x44AF996BD8C187DA, 0x45FC229B11597634}));
}

TEST(SipHash, ChangesWithEveryBitOfTheText) {
  for (std::size_t size = 1; size <= 40; ++size) {
    std::set<SipHash::Digest> digests{UnderTheReferenceKey(Counting(size))};
    for (std::size_t bit = 0; bit < 8 * size; ++bit) {
      std::string text = Counting(size);
      text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_TRUE(digests.insert(UnderTheReferenceKey(text)).second) << size << " " << bit;
    }
  }
}

TEST(FastHash, ReadsTheLastBytesAsOneNumberWhoseFirstIsTheLowest) {
  const std::string_view text = "\x81\x02\x83\x04\x85\x06\x87\x08";
  std::uint64_t number = 0;
  for (std::size_t size = 1; size <= text.size(); ++size) {
    number |= std::uint64_t{static_cast<unsigned char>(text[size - 1])} << (8 * (size - 1));
    EXPECT_EQ(LastWord(text.data(), size), number) << size;
  }
}

TEST(FastHash, TellsTextsOfZerosApartByTheirLength) {
  std::set<std::uint64_t> seen;
  for (std::size_t size = 0; size <= 64; ++size) seen.insert(FastHash(std::string(size, '\0')));
  EXPECT_EQ(seen.size(), 65u);
}

// The low bits choose a cell, so each of them must depend on the whole text.
TEST(FastHash, SpreadsNumberedNamesEvenly) {
  constexpr std::size_t kCells = 1024;
  constexpr std::size_t kNames = 64 * kCells;
  for (const std::string prefix : {"", "item-", "a-much-longer-prefix-of-a-name-"}) {
    std::vector<std::size_t> cells(kCells);
    for (std::size_t i = 0; i < kNames; ++i) {
      ++cells[FastHash(prefix + std::to_string(i)) % kCells];
    }
    // 64 a cell on average with a standard deviation of 8: seven of them are never reached.
    EXPECT_LT(*std::max_element(cells.begin(), cells.end()), 64u + 7 * 8) << prefix;
    EXPECT_GT(*std::min_element(cells.begin(), cells.end()), 64u - 7 * 8) << prefix;
  }
}

TEST(FastHash, FlipsAboutHalfOfTheBitsForOneBitOfText) {
  double flipped = 0;
  int trials = 0;
  for (std::size_t size = 1; size <= 32; ++size) {
    const std::string text(size, 'q');
    for (std::size_t bit = 0; bit < 8 * size; ++bit, ++trials) {
      std::string other = text;
      other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
      flipped += std::popcount(FastHash(text) ^ FastHash(other));
    }
  }
  EXPECT_NEAR(flipped / trials, 32, 1);
}

}  // namespace
}  // namespace freshet::core
