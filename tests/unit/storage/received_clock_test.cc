#include "storage/received_clock.h"

#include <gtest/gtest.h>

namespace freshet::storage {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kDay = 24 * 60 * kMinute;
constexpr std::int64_t kStart = 1'700'000'000'000;

class ReceivedClockTest : public ::testing::Test {
 protected:
  // Time passes; the wall clock goes with it.
  void Pass(std::int64_t milliseconds) {
    wall_ms_ += milliseconds;
    monotonic_ms_ += milliseconds;
  }

  ReceivedClock Make(std::int64_t last_ms = 0, std::optional<std::int64_t> idle_us = {}) {
    return {Clocks([this] { return wall_ms_ * 1000; }, [this] { return monotonic_ms_ * 1000; }),
            last_ms, idle_us};
  }

  std::int64_t wall_ms_ = kStart;
  std::int64_t monotonic_ms_ = 5'000;
};

TEST_F(ReceivedClockTest, IsTheWallClockWhileThatIsRight) {
  ReceivedClock clock = Make();
  for (int i = 0; i < 1000; ++i) {
    Pass(i % 7);
    ASSERT_EQ(clock.NowMs(), wall_ms_);
  }
}

TEST_F(ReceivedClockTest, AJumpTenDaysAheadAndBackMovesItBySeconds) {
  ReceivedClock clock = Make();
  wall_ms_ += 10 * kDay;
  Pass(kMinute);
  EXPECT_EQ(clock.NowMs(), kStart + 2 * kMinute);
  wall_ms_ -= 10 * kDay;
  Pass(kMinute);
  EXPECT_EQ(clock.NowMs(), kStart + 2 * kMinute + kMinute / 2);
  Pass(kMinute);
  EXPECT_EQ(clock.NowMs(), wall_ms_) << "it has waited for the wall clock";
}

TEST_F(ReceivedClockTest, AJumpTenDaysBackOnlySlowsItDown) {
  ReceivedClock clock = Make();
  wall_ms_ -= 10 * kDay;
  Pass(kMinute);
  EXPECT_EQ(clock.NowMs(), kStart + kMinute / 2);
}

TEST_F(ReceivedClockTest, AWallClockThatStaysAheadForADayIsBelieved) {
  ReceivedClock clock = Make();
  wall_ms_ += 10 * kDay;
  for (int hour = 0; hour < 24; ++hour) {
    Pass(60 * kMinute);
    EXPECT_LT(clock.NowMs(), kStart + 3 * kDay);
  }
  Pass(60 * kMinute);
  EXPECT_EQ(clock.NowMs(), wall_ms_);
}

TEST_F(ReceivedClockTest, AfterARestartItGoesOnFromTheTimeThatHasPassed) {
  wall_ms_ += 10 * kDay;
  EXPECT_EQ(Make(kStart, kMinute * 1000).NowMs(), kStart + 2 * kMinute);
}

TEST_F(ReceivedClockTest, AfterTheMachineWasOffItTakesTheWallClockButNeverGoesBack) {
  EXPECT_EQ(Make(kStart - 3 * kDay).NowMs(), kStart);
  EXPECT_EQ(Make(kStart + 3 * kDay).NowMs(), kStart + 3 * kDay);
}

}  // namespace
}  // namespace freshet::storage
