#include "core/parse_time.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::core {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::int64_t kOctober = 1'569'888'000'000;  // 2019-10-01T00:00:00Z

std::int64_t TimeOf(std::string_view text) {
  const Result<std::int64_t> time = ParseTime("sentAt", text);
  EXPECT_TRUE(time) << text << ": " << time.error().message;
  return time ? *time : -1;
}

std::string ErrorOf(std::string_view text) {
  const Result<std::int64_t> time = ParseTime("TIMESTAMP", text);
  return time ? "none: " + std::to_string(*time) : time.error().message;
}

TEST(ParseTime, TakesNumbersOfSecondsAndOfMilliseconds) {
  EXPECT_EQ(TimeOf("1451606425"), 1'451'606'425'000);
  EXPECT_EQ(TimeOf("1451606425.123"), 1'451'606'425'123);
  EXPECT_EQ(TimeOf("1.5e9"), 1'500'000'000'000);
  EXPECT_EQ(TimeOf("1451606425123"), 1'451'606'425'123);
  EXPECT_EQ(TimeOf("0"), 0);
}

TEST(ParseTime, TakesTheExtendedForm) {
  EXPECT_EQ(TimeOf("2016-01-01T00:00:25Z"), 1'451'606'425'000);
  EXPECT_EQ(TimeOf("2016-01-01 00:00:25"), 1'451'606'425'000);
  EXPECT_EQ(TimeOf("2016-01-01T02:00:25.5+02:00"), 1'451'606'425'500);
  EXPECT_EQ(TimeOf("2015-12-31T19:00:25,25-0500"), 1'451'606'425'250);
  EXPECT_EQ(TimeOf("2016-01-01 00:00:25 +0000"), 1'451'606'425'000);
  EXPECT_EQ(TimeOf("2016-01-01T00:00"), 1'451'606'400'000);
  EXPECT_EQ(TimeOf("2016-01-01"), 1'451'606'400'000);
  EXPECT_EQ(TimeOf("2015-12-31T24:00:00Z"), 1'451'606'400'000);
  EXPECT_EQ(TimeOf("2016-02-29T12:00:00Z"), 1'456'747'200'000);
  EXPECT_EQ(TimeOf("9999-12-31T23:59:59.999Z"), 253'402'300'799'999);
}

TEST(ParseTime, TakesTheWordsThatWellKnownLogsPutBehindTimes) {
  for (const char* text :
       {"2019-10-01 00:00:00 UTC", "2019-10-01 00:00:00 GMT", "2019-10-01T00:00:00UTC",
        "2019-10-01 00:00:00.000 utc", "2019-10-01 00:00 UTC", "2019-10-01 UTC"}) {
    EXPECT_EQ(TimeOf(text), kOctober) << text;
  }
}

TEST(ParseTime, TakesTheBasicForm) {
  for (const char* text :
       {"20191001T000000Z", "20191001T000000", "20191001T000000.000Z", "20191001T0000Z",
        "20191001T020000+0200", "20191001T020000+02", "20191001T000000 UTC"}) {
    EXPECT_EQ(TimeOf(text), kOctober) << text;
  }
  EXPECT_EQ(TimeOf("20191001T101530.5Z"), kOctober + 36'930'500);
}

TEST(ParseTime, RefusesWhatIsLocalOrAmbiguous) {
  for (const char* text :
       {"2019-10-01 00:00:00 CET", "2019-10-01 00:00:00 EST", "2019-10-01 00:00:00 PM",
        "2019-10-01 00:00:00 UTC+2", "2019-10-01 00:00:00 Europe/Berlin", "10/01/2019",
        "01.10.2019", "1 Oct 2019", "2019-10", "2019-W40-2", "20191001"}) {
    EXPECT_THAT(ErrorOf(text), StartsWith("TIMESTAMP is \"")) << text;
  }
  EXPECT_THAT(ErrorOf("20191001"), HasSubstr("write the date as 2019-10-01"));
}

TEST(ParseTime, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "yesterday", "2016-13-01", "2015-02-29", "2016-01-01T", "2016-01-01T25:00",
        "2016-01-01T24:00:01", "2016-01-01T00:60", "2016-1-1", "2016-01-01T00:00:25Zx",
        "2016-01-01T00:00:00+25:00", "2016-01-01T00:00:00+02:99", "-1-01-01", "20161301T000000Z",
        "20160101T00:00:00Z", "2016-01-01T000000Z", "1451606425s", "0x10"}) {
    EXPECT_THAT(ErrorOf(text), AllOf(StartsWith("TIMESTAMP"), HasSubstr("ISO 8601"))) << text;
  }
}

TEST(ParseTime, NamesTheUnitOfANumberThatIsOutOfRange) {
  EXPECT_THAT(ErrorOf("1709000000000000"),
              AllOf(StartsWith("TIMESTAMP is after the year 9999"), HasSubstr("microseconds")));
  EXPECT_THAT(ErrorOf("1709000000000000000"), HasSubstr("nanoseconds"));
  EXPECT_EQ(ErrorOf("253402300800"), "TIMESTAMP is after the year 9999");
  EXPECT_EQ(ErrorOf("253402300800000"), "TIMESTAMP is after the year 9999");
  EXPECT_EQ(ErrorOf("10000-01-01"), "TIMESTAMP is after the year 9999");
  EXPECT_EQ(ErrorOf("-5"), "TIMESTAMP is before 1970-01-01T00:00:00Z");
  EXPECT_EQ(ErrorOf("1969-12-31"), "TIMESTAMP is before 1970-01-01T00:00:00Z");
  EXPECT_EQ(ErrorOf("inf"), "TIMESTAMP is not a finite number");
  EXPECT_EQ(ErrorOf("nan"), "TIMESTAMP is not a finite number");
}

TEST(ParseTime, QuotesLongAndBinaryTextsInPart) {
  EXPECT_THAT(ErrorOf(std::string(100, 'x')), HasSubstr(std::string(60, 'x') + "...\""));
  EXPECT_THAT(ErrorOf("\x1b[2J"), HasSubstr("\"?[2J\""));
}

TEST(TimeFromNumber, IsWhatTheTextOfTheNumberIs) {
  EXPECT_EQ(*TimeFromNumber("sentAt", 1451606425.123), 1'451'606'425'123);
  EXPECT_EQ(*TimeFromNumber("sentAt", 1451606425123), 1'451'606'425'123);
  EXPECT_EQ(TimeFromNumber("eventList[0].sentAt", -1).error().message,
            "eventList[0].sentAt is before 1970-01-01T00:00:00Z");
}

}  // namespace
}  // namespace freshet::core
