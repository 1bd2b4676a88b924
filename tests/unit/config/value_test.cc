#include "config/value.h"

#include <gtest/gtest.h>

namespace freshet::config {
namespace {

TEST(ValueFromText, ReadsEachKind) {
  EXPECT_EQ(std::get<bool>(ValueFromText(Kind::kBool, "true")), true);
  EXPECT_EQ(std::get<std::int64_t>(ValueFromText(Kind::kWhole, "-12")), -12);
  EXPECT_EQ(std::get<double>(ValueFromText(Kind::kDecimal, "0.25")), 0.25);
  EXPECT_EQ(std::get<std::string>(ValueFromText(Kind::kText, " a b ")), " a b ");
  EXPECT_EQ(std::get<TextList>(ValueFromText(Kind::kTextList, " a, b c ,d")),
            (TextList{"a", "b c", "d"}));
  EXPECT_EQ(std::get<TextList>(ValueFromText(Kind::kTextList, " ")), TextList());
}

TEST(ValueFromText, LeavesWhatIsNotOfTheKindAsText) {
  EXPECT_EQ(std::get<std::string>(ValueFromText(Kind::kBool, "yes")), "yes");
  EXPECT_EQ(std::get<std::string>(ValueFromText(Kind::kWhole, "4x")), "4x");
  EXPECT_EQ(std::get<std::string>(ValueFromText(Kind::kWhole, "4.5")), "4.5");
  EXPECT_EQ(std::get<std::string>(ValueFromText(Kind::kWhole, "99999999999999999999")),
            "99999999999999999999");
  EXPECT_EQ(std::get<std::string>(ValueFromText(Kind::kDecimal, "")), "");
}

TEST(ToToml, WritesWhatTomlReadsBack) {
  EXPECT_EQ(ToToml(true), "true");
  EXPECT_EQ(ToToml(std::int64_t{-7}), "-7");
  EXPECT_EQ(ToToml(2.0), "2.0");
  EXPECT_EQ(ToToml(0.1), "0.1");
  EXPECT_EQ(ToToml(std::string("a\"b\\c\nd\x7f")), "\"a\\\"b\\\\c\\u000Ad\\u007F\"");
  EXPECT_EQ(ToToml(TextList{"a", "b"}), "[\"a\", \"b\"]");
  EXPECT_EQ(ToToml(TextList{}), "[]");
}

}  // namespace
}  // namespace freshet::config
