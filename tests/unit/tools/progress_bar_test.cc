#include "tools/progress_bar.h"

#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::tools {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ProgressBarTest : public ::testing::Test {
 protected:
  ProgressBar Bar(bool terminal, std::uint64_t total, std::size_t columns = 100) {
    return ProgressBar(&out_,
                       {.title = "importing",
                        .terminal = terminal,
                        .columns = columns,
                        .now = [this] { return now_; }},
                       total);
  }
  void Pass(std::chrono::milliseconds time) { now_ += time; }
  std::string TakeText() {
    std::string text = out_.str();
    out_.str({});
    return text;
  }

  std::ostringstream out_;
  ProgressBar::Clock::time_point now_{};
};

TEST_F(ProgressBarTest, ANoteStandsAtTheEnd) {
  ProgressBar bar = Bar(false, 10);
  bar.SetNote("loss 0.5");
  bar.Finish(10);
  EXPECT_THAT(TakeText(), ::testing::EndsWith(", loss 0.5\n"));
}

TEST_F(ProgressBarTest, ATerminalShowsBarRatePercentAndTimeLeft) {
  ProgressBar bar = Bar(true, 1000);
  Pass(std::chrono::seconds(2));
  bar.Update(250, 600'000);
  const std::string text = TakeText();
  EXPECT_THAT(text, StartsWith("\rimporting ["));
  EXPECT_THAT(text, HasSubstr("25%  600,000 events, 300,000/s, 6 s left"));
  EXPECT_LE(text.size(), 101U);
}

TEST_F(ProgressBarTest, ATerminalIsRedrawnTenTimesASecondAtMost) {
  ProgressBar bar = Bar(true, 1000);
  Pass(std::chrono::milliseconds(120));
  bar.Update(1, 1);
  EXPECT_NE(TakeText(), "");
  Pass(std::chrono::milliseconds(80));
  bar.Update(2, 2);
  EXPECT_EQ(TakeText(), "");
}

TEST_F(ProgressBarTest, ANarrowTerminalDropsTheBarAndKeepsTheFigures) {
  ProgressBar bar = Bar(true, 1000, 40);
  Pass(std::chrono::seconds(1));
  bar.Update(500, 10);
  const std::string text = TakeText();
  EXPECT_EQ(text.find('['), std::string::npos);
  EXPECT_THAT(text, HasSubstr("50%  10 events"));
}

TEST_F(ProgressBarTest, ElsewhereAPlainLineComesEveryFiveSeconds) {
  ProgressBar bar = Bar(false, 1000);
  Pass(std::chrono::milliseconds(4900));
  bar.Update(100, 1000);
  EXPECT_EQ(TakeText(), "");
  Pass(std::chrono::milliseconds(100));
  bar.Update(100, 1000);
  EXPECT_EQ(TakeText(), "importing  10%  1,000 events, 200/s, 45 s left\n");
}

TEST_F(ProgressBarTest, TheEndSaysHowLongItTook) {
  ProgressBar bar = Bar(false, 1000);
  Pass(std::chrono::milliseconds(2500));
  bar.Finish(1'000'000);
  EXPECT_EQ(TakeText(), "importing 100%  1,000,000 events, 400,000/s, took 2.5 s\n");
}

TEST(DurationText, GrowsWithTheTime) {
  EXPECT_EQ(DurationText(0.04), "0 s");
  EXPECT_EQ(DurationText(9.96), "10 s");
  EXPECT_EQ(DurationText(75), "1 min 15 s");
  EXPECT_EQ(DurationText(7500), "2 h 5 min");
}

TEST(WithThousands, GroupsDigits) {
  EXPECT_EQ(WithThousands(7), "7");
  EXPECT_EQ(WithThousands(123), "123");
  EXPECT_EQ(WithThousands(1234567), "1,234,567");
}

}  // namespace
}  // namespace freshet::tools
