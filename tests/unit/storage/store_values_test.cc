#include "storage/store_values.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/golden.h"

namespace freshet::storage {
namespace {

const core::Positions kPositions = {{0, 1}, {7, UINT64_MAX}};
const BadEntry kLetter = {{3, 99}, 1'586'731'606'123, "itemId is empty", std::string("a\0b", 3)};

TEST(StoreValues, PositionsComeBack) {
  EXPECT_EQ(*DecodePositions(EncodePositions({})), core::Positions());
  EXPECT_EQ(*DecodePositions(EncodePositions(kPositions)), kPositions);
}

TEST(StoreValues, DeadLettersComeBackCutToTheirMaximum) {
  const auto letter = DecodeDeadLetter(EncodeDeadLetter(kLetter, 100));
  ASSERT_TRUE(letter.has_value());
  EXPECT_EQ(letter->position, kLetter.position);
  EXPECT_EQ(letter->received_ms, kLetter.received_ms);
  EXPECT_EQ(letter->reason, kLetter.reason);
  EXPECT_EQ(letter->bytes, kLetter.bytes);
  EXPECT_EQ(DecodeDeadLetter(EncodeDeadLetter(kLetter, 1))->bytes, "a");
}

TEST(StoreValues, GoldenValuesOfVersion1LoadForEver) {
  const auto golden = ReadGolden("values_v2.txt");
  ASSERT_TRUE(golden.contains("positions")) << ToHex(EncodePositions(kPositions));
  ASSERT_TRUE(golden.contains("dead-letter")) << ToHex(EncodeDeadLetter(kLetter, 100));
  EXPECT_EQ(*DecodePositions(golden.at("positions")), kPositions);
  EXPECT_EQ(DecodeDeadLetter(golden.at("dead-letter"))->reason, kLetter.reason);
  EXPECT_EQ(ToHex(golden.at("positions")), ToHex(EncodePositions(kPositions)));
  EXPECT_EQ(ToHex(golden.at("dead-letter")), ToHex(EncodeDeadLetter(kLetter, 100)));
}

TEST(StoreValues, EveryPrefixIsCorrupt) {
  const std::string positions = EncodePositions(kPositions);
  for (std::size_t size = 0; size < positions.size(); ++size) {
    EXPECT_FALSE(DecodePositions(positions.substr(0, size)).has_value()) << size;
  }
  const std::string letter = EncodeDeadLetter(kLetter, 100);
  for (std::size_t size = 0; size < letter.size(); ++size) {
    EXPECT_FALSE(DecodeDeadLetter(letter.substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(DecodePositions(positions + 'x').has_value());
  EXPECT_FALSE(DecodeDeadLetter(letter + 'x').has_value());
}

TEST(StoreValues, NumberKeysSortAsNumbersAndComeBack) {
  std::string last;
  for (const std::uint64_t number : {0ULL, 1ULL, 255ULL, 256ULL, 1ULL << 40, ~0ULL}) {
    const std::string key = NumberKey(number);
    EXPECT_LT(last, key);
    std::uint64_t back = 0;
    ASSERT_TRUE(ParseNumberKey(key, &back));
    EXPECT_EQ(back, number);
    last = key;
  }
  std::uint64_t unused = 0;
  EXPECT_FALSE(ParseNumberKey("short", &unused));
}

}  // namespace
}  // namespace freshet::storage
