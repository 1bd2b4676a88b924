#include "config/duration.h"

#include <gtest/gtest.h>

#include "config/schema.h"
#include "config/settings.h"

namespace freshet::config {
namespace {

TEST(Duration, IsANumberAndAUnit) {
  EXPECT_EQ(ParseDuration("90s"), 90);
  EXPECT_EQ(ParseDuration("15m"), 900);
  EXPECT_EQ(ParseDuration("6h"), 21'600);
  EXPECT_EQ(ParseDuration("2d"), 172'800);
  EXPECT_EQ(ParseDuration("off"), 0);
  for (const char* text : {"", "6", "h", "6 h", "6H", "-6h", "0h", "6hh", "1.5h", "never",
                           "9223372036854775807d", "99999999999999999999s"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

TEST(Duration, IsWrittenInTheLargestUnitAndReadBack) {
  EXPECT_EQ(DurationText(0), "off");
  EXPECT_EQ(DurationText(90), "90s");
  EXPECT_EQ(DurationText(21'600), "6h");
  EXPECT_EQ(DurationText(86'400), "1d");
  for (const std::int64_t seconds : {0, 1, 59, 60, 61, 3600, 7200, 86'400, 90'000}) {
    EXPECT_EQ(ParseDuration(DurationText(seconds)), seconds);
  }
}

TEST(Duration, OfAKeyIsInItsRange) {
  const auto every = FindKey("training.every");
  ASSERT_TRUE(every.has_value());
  Settings settings;
  EXPECT_EQ(every->write(std::string("6h"), &settings), std::nullopt);
  EXPECT_EQ(settings.training.every_s, 21'600U);
  EXPECT_EQ(std::get<std::string>(every->read(settings)), "6h");
  EXPECT_EQ(every->write(std::string("400d"), &settings),
            "\"400d\" is not off or a time of 1s..365d, such as 6h");
  EXPECT_TRUE(every->write(std::int64_t{6}, &settings).has_value());
  EXPECT_EQ(every->write(std::string("off"), &settings), std::nullopt);
  EXPECT_EQ(settings.training.every_s, 0U);
  EXPECT_TRUE(FindKey("training.time_limit")->write(std::string("off"), &settings).has_value());
}

}  // namespace
}  // namespace freshet::config
