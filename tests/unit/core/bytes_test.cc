#include "core/bytes.h"

#include <array>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace freshet::core {
namespace {

TEST(Bytes, NumbersAreLittleEndian) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.Number<std::uint32_t>(0x01020304);
  EXPECT_EQ(bytes, "\x04\x03\x02\x01");
}

TEST(Bytes, EveryKindComesBack) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.Number<std::int64_t>(-5);
  writer.Number(-0.5);
  writer.String(std::string("a\0b", 3));
  writer.String("");
  const std::array<std::uint32_t, 3> numbers = {1, 2, UINT32_MAX};
  writer.Array(numbers.data(), numbers.size());
  ByteReader reader(bytes);
  EXPECT_EQ(reader.Number<std::int64_t>(), -5);
  EXPECT_EQ(reader.Number<double>(), -0.5);
  EXPECT_EQ(reader.String(), std::string("a\0b", 3));
  EXPECT_EQ(reader.String(), "");
  std::array<std::uint32_t, 3> read{};
  reader.Array(read.data(), read.size());
  EXPECT_EQ(read, numbers);
  EXPECT_TRUE(reader.done());
}

TEST(Bytes, VarintsComeBackAtEveryLength) {
  std::vector<std::uint64_t> values = {0, std::numeric_limits<std::uint64_t>::max()};
  for (unsigned bit = 0; bit < 64; ++bit) {
    values.push_back(1ULL << bit);
    values.push_back((1ULL << bit) - 1);
  }
  for (const std::uint64_t value : values) {
    std::string bytes;
    ByteWriter(&bytes).Varint(value);
    EXPECT_LE(bytes.size(), 10u);
    ByteReader reader(bytes);
    EXPECT_EQ(reader.Varint(), value);
    EXPECT_TRUE(reader.done());
  }
}

TEST(Bytes, AVarintCutShortIsZeroAndAFailure) {
  std::string bytes;
  ByteWriter(&bytes).Varint(std::numeric_limits<std::uint64_t>::max());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ByteReader reader(std::string_view(bytes).substr(0, size));
    EXPECT_EQ(reader.Varint(), 0u) << size;
    EXPECT_TRUE(reader.failed()) << size;
  }
}

TEST(Bytes, AVarintOfMoreThan64BitsIsAFailure) {
  for (const std::string& bytes : {std::string(9, '\x80') + '\x02', std::string(9, '\xFF') + '\x7F',
                                   std::string(10, '\x80') + '\x01', std::string(20, '\xFF')}) {
    ByteReader reader(bytes);
    EXPECT_EQ(reader.Varint(), 0u);
    EXPECT_TRUE(reader.failed());
    EXPECT_FALSE(reader.done());
  }
}

TEST(Bytes, AStringLongerThanWhatFollowsIsAFailure) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.Varint(std::numeric_limits<std::uint64_t>::max());
  bytes += "abc";
  ByteReader reader(bytes);
  EXPECT_EQ(reader.String(), "");
  EXPECT_TRUE(reader.failed());
}

TEST(Bytes, ACountThatCannotFollowIsZeroAndAFailure) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.Varint(3);
  bytes += std::string(11, 'x');
  ByteReader fits(bytes);
  EXPECT_EQ(fits.Count(3), 3u);
  EXPECT_FALSE(fits.failed());
  ByteReader does_not(bytes);
  EXPECT_EQ(does_not.Count(4), 0u);
  EXPECT_TRUE(does_not.failed());
}

TEST(Bytes, AnArrayWhoseSizeWrapsAroundIsAFailure) {
  const std::string bytes(8, 'x');
  ByteReader reader(bytes);
  std::uint32_t untouched = 7;
  reader.Array(&untouched, std::size_t{1} << 62);
  EXPECT_TRUE(reader.failed());
  EXPECT_EQ(untouched, 7u);
}

TEST(Bytes, AnEmptyArrayNeedsNoMemory) {
  std::string bytes;
  ByteWriter(&bytes).Array<std::uint32_t>(nullptr, 0);
  ByteReader reader(bytes);
  reader.Array<std::uint32_t>(nullptr, 0);
  EXPECT_TRUE(reader.done());
}

TEST(Bytes, NarrowNumbersTakeTheWidthOfTheLargest) {
  const std::vector<std::pair<std::vector<std::uint32_t>, std::size_t>> cases = {
      {{}, 1},       {{0, 0, 0}, 1},      {{0, 255}, 3}, {{256, 1}, 5}, {{65'535, 0, 7}, 7},
      {{65'536}, 5}, {{1, UINT32_MAX}, 9}};
  for (const auto& [numbers, size] : cases) {
    std::string bytes;
    ByteWriter(&bytes).Narrow(numbers.data(), numbers.size());
    EXPECT_EQ(bytes.size(), size);
    ByteReader reader(bytes);
    std::vector<std::uint32_t> read(numbers.size(), 99);
    reader.Narrow(read.data(), read.size());
    EXPECT_EQ(read, numbers);
    EXPECT_TRUE(reader.done());
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      ByteReader shorter(std::string_view(bytes).substr(0, cut));
      shorter.Narrow(read.data(), read.size());
      EXPECT_TRUE(shorter.failed()) << cut;
    }
  }
  std::uint32_t number = 0;
  ByteReader unknown_width("\3abc");
  unknown_width.Narrow(&number, 1);
  EXPECT_TRUE(unknown_width.failed());
}

TEST(Bytes, AFailureIsForGood) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.Number<std::uint8_t>(1);
  writer.Number<std::uint8_t>(2);
  ByteReader reader(bytes);
  EXPECT_EQ(reader.Number<std::uint32_t>(), 0u);
  EXPECT_EQ(reader.Number<std::uint8_t>(), 0u);
  EXPECT_EQ(reader.Count(), 0u);
  EXPECT_EQ(reader.String(), "");
  EXPECT_TRUE(reader.failed());
  EXPECT_FALSE(reader.done());
}

TEST(Bytes, BytesLeftOverAreNotDone) {
  ByteReader reader("ab");
  EXPECT_EQ(reader.Number<char>(), 'a');
  EXPECT_FALSE(reader.failed());
  EXPECT_FALSE(reader.done());
}

// A value of every kind, as a decoder would read it.
void ReadAll(ByteReader* reader) {
  reader->Number<std::uint8_t>();
  reader->String();
  const std::uint64_t count = reader->Count(sizeof(std::uint16_t));
  std::vector<std::uint16_t> numbers(count);
  reader->Array(numbers.data(), numbers.size());
  reader->Varint();
  reader->Number<double>();
}

std::string WriteAll() {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.Number<std::uint8_t>(1);
  writer.String("some text");
  const std::array<std::uint16_t, 3> numbers = {7, 8, 9};
  writer.Varint(numbers.size());
  writer.Array(numbers.data(), numbers.size());
  writer.Varint(100'000);
  writer.Number(2.5);
  return bytes;
}

TEST(Bytes, EveryPrefixOfAValueFails) {
  const std::string bytes = WriteAll();
  ByteReader whole(bytes);
  ReadAll(&whole);
  EXPECT_TRUE(whole.done());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string prefix = bytes.substr(0, size);
    ByteReader reader(prefix);
    ReadAll(&reader);
    EXPECT_TRUE(reader.failed()) << size;
  }
}

TEST(Bytes, DamagedBytesNeverReadBeyondTheEnd) {
  const std::string bytes = WriteAll();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      // A copy of exact size, so that AddressSanitizer sees a read past it.
      std::vector<char> damaged(bytes.begin(), bytes.end());
      damaged[at] = static_cast<char>(value);
      ByteReader reader(std::string_view(damaged.data(), damaged.size()));
      ReadAll(&reader);
      EXPECT_FALSE(reader.failed() && reader.done());
    }
  }
}

}  // namespace
}  // namespace freshet::core
