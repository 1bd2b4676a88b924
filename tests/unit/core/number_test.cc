#include "core/number.h"

#include <string>

#include <gmock/gmock.h>

namespace freshet::core {
namespace {

TEST(Number, KeepsTheTextThatWasWritten) {
  for (const std::string text :
       {"0", "-0", "77", "1.10", "9007199254740993", "1234567890123456789", "73928e03", "1E+5",
        "-0.50", "123456789012345678901234567890", "1e-400"}) {
    const auto number = Number::Parse(text);
    ASSERT_TRUE(number.has_value()) << text;
    EXPECT_EQ(number->text(), text);
  }
}

TEST(Number, HasTheValueNearestToItsText) {
  EXPECT_EQ(Number::Parse("1.10")->value(), 1.1);
  EXPECT_EQ(Number::Parse("73928e03")->value(), 73'928'000);
  EXPECT_EQ(Number::Parse("9007199254740993")->value(), 9007199254740992.0);
  EXPECT_EQ(Number::Parse("1e-400")->value(), 0);
  EXPECT_EQ(Number::Parse("0." + std::string(400, '0') + "1")->value(), 0);
}

TEST(Number, WhatJsonDoesNotTakeForANumberIsNone) {
  for (const std::string text :
       {"",    "-",        "007", "-01", ".5",  "5.",    "+1",  "1e",    "1e+",   "0x1F",  "inf",
        "nan", "Infinity", " 1",  "1 ",  "1,5", "1_000", "--1", "1.2.3", "1e400", "-1e400"}) {
    EXPECT_FALSE(Number::Parse(text).has_value()) << text;
  }
  EXPECT_FALSE(Number::Parse(std::string(400, '9')).has_value());
}

TEST(Number, DifferentTextsDiffer) {
  EXPECT_NE(*Number::Parse("1.1"), *Number::Parse("1.10"));
  EXPECT_EQ(*Number::Parse("1.10"), *Number::Parse("1.10"));
}

}  // namespace
}  // namespace freshet::core
