#include "tools/time_text.h"

#include <gtest/gtest.h>

namespace freshet::tools {
namespace {

TEST(ParseTime, TakesEpochSecondsWholeAndFractional) {
  EXPECT_EQ(ParseTime("1451606425"), 1451606425000);
  EXPECT_EQ(ParseTime("1451606425.123"), 1451606425123);
  EXPECT_EQ(ParseTime("1.5e9"), 1500000000000);
  EXPECT_EQ(ParseTime("-5"), -5000);
}

TEST(ParseTime, TakesLargeNumbersForMilliseconds) {
  EXPECT_EQ(ParseTime("1451606425123"), 1451606425123);
}

TEST(ParseTime, TakesIso8601) {
  EXPECT_EQ(ParseTime("2016-01-01T00:00:25Z"), 1451606425000);
  EXPECT_EQ(ParseTime("2016-01-01 00:00:25"), 1451606425000);
  EXPECT_EQ(ParseTime("2016-01-01T02:00:25.5+02:00"), 1451606425500);
  EXPECT_EQ(ParseTime("2015-12-31T19:00:25-0500"), 1451606425000);
  EXPECT_EQ(ParseTime("2016-01-01"), 1451606400000);
}

TEST(ParseTime, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "soon", "12x", "nan", "inf", "1e300", "2016-13-01", "2016-02-30",
        "2016-01-01T25:00:00Z", "2016-01-01T00:00:00Q", "2016-01-01T", "99999999999999999999"}) {
    EXPECT_FALSE(ParseTime(text).has_value()) << text;
  }
}

TEST(FormatIsoTime, IsReadBackAsTheSameTime) {
  EXPECT_EQ(FormatIsoTime(1451606425000), "2016-01-01T00:00:25Z");
  EXPECT_EQ(FormatIsoTime(1451606425007), "2016-01-01T00:00:25.007Z");
  EXPECT_EQ(ParseIsoTime(FormatIsoTime(1451606425007)), 1451606425007);
}

}  // namespace
}  // namespace freshet::tools
