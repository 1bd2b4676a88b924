#include "daemon/training_due.h"

#include <gtest/gtest.h>

namespace freshet::daemon {
namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kNow = 1'700'000'000'000;

TEST(NextTraining, TheFirstIsNow) { EXPECT_EQ(NextTraining(std::nullopt, kHour, kNow), kNow); }

TEST(NextTraining, TheNextIsSoLongAfterTheLastBegan) {
  EXPECT_EQ(NextTraining(kNow - kHour / 4, kHour, kNow), kNow + 3 * kHour / 4);
  EXPECT_EQ(NextTraining(kNow, kHour, kNow), kNow + kHour);
}

TEST(NextTraining, WhatWasMissedIsDoneOnceAndNow) {
  EXPECT_EQ(NextTraining(kNow - 10 * kHour, kHour, kNow), kNow);
  EXPECT_EQ(NextTraining(kNow - kHour, kHour, kNow), kNow);
}

TEST(NextTraining, AClockThatWasSetBackDoesNotPutItOff) {
  EXPECT_EQ(NextTraining(kNow + 1000 * kHour, kHour, kNow), kNow);
}

}  // namespace
}  // namespace freshet::daemon
