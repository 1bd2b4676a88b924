#include "daemon/kafka/lookout.h"

#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

namespace freshet::daemon::kafka {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr Lookout::Pauses kLong{hours(1), hours(1)};
constexpr std::chrono::seconds kPatience{60};

// Waits until there is something to take.
std::optional<Lookout::Found> WaitFor(Lookout* lookout) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (auto found = lookout->Take()) return found;
    std::this_thread::yield();
  }
  return std::nullopt;
}

TEST(Lookout, TellsOnceWhatItFound) {
  Lookout lookout([] { return core::Positions{{7, 0}}; }, kLong);
  lookout.Restart();
  EXPECT_FALSE(lookout.Take()) << "it is not time to look yet";
  lookout.Hurry();
  const auto found = WaitFor(&lookout);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ(**found, (core::Positions{{7, 0}}));
  EXPECT_FALSE(lookout.Take());
}

TEST(Lookout, LooksAgainAfterAPause) {
  std::atomic<int> looks = 0;
  Lookout lookout(
      [&]() -> Lookout::Found {
        if (++looks % 2 == 0) return core::Unavailable("away");
        return core::Positions();
      },
      {.after_answer = milliseconds(1), .after_failure = milliseconds(2)});
  lookout.Restart();
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (looks.load() < 10) ASSERT_LT(std::chrono::steady_clock::now(), deadline);
}

TEST(Lookout, NobodyWaitsForALookThatHangsAndItsFindIsDropped) {
  std::promise<void> hangs;
  std::promise<void> goes_on;
  std::atomic<int> looks = 0;
  Lookout lookout(
      [&]() -> Lookout::Found {
        if (++looks > 1) return core::Positions{{1, 0}};
        hangs.set_value();
        goes_on.get_future().wait();
        return core::Unavailable("away");
      },
      kLong);
  lookout.Restart();
  lookout.Hurry();
  ASSERT_EQ(hangs.get_future().wait_for(kPatience), std::future_status::ready);
  EXPECT_FALSE(lookout.Take());
  lookout.Restart();
  lookout.Hurry();
  goes_on.set_value();
  const auto found = WaitFor(&lookout);
  ASSERT_TRUE(found);
  EXPECT_TRUE(*found) << "that of the second look";
}

}  // namespace
}  // namespace freshet::daemon::kafka
