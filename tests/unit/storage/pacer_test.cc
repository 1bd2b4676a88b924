#include "storage/pacer.h"

#include <functional>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <time.h>

namespace freshet::storage {
namespace {

using std::chrono::nanoseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

nanoseconds ProcessorTime() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

void Work(nanoseconds of_processor) {
  const nanoseconds end = ProcessorTime() + of_processor;
  while (ProcessorTime() < end) {
  }
}

// Each test on a thread of its own, whose count of processor time begins with it.
class PacerTest : public ::testing::Test {
 protected:
  static void OnNewThread(const std::function<void()>& body) { std::thread(body).join(); }

  std::vector<nanoseconds> rests_;
  static constexpr int kRestsPerBite = 9;
  Pacer pacer_{kRestsPerBite, [this](nanoseconds rest) { rests_.push_back(rest); }};
};

TEST_F(PacerTest, RestsInProportionToWhatWasUsed) {
  pacer_.SetGentle(true);
  OnNewThread([&] {
    Work(Pacer::kBite * 2);
    pacer_.RestIfDue();
  });
  ASSERT_THAT(rests_, SizeIs(1));
  EXPECT_GE(rests_[0], Pacer::kBite * 2 * kRestsPerBite);
  EXPECT_LE(rests_[0], Pacer::kLongestRest);
}

TEST_F(PacerTest, CountsFromTheLastRest) {
  pacer_.SetGentle(true);
  OnNewThread([&] {
    Work(Pacer::kBite);
    pacer_.RestIfDue();
    pacer_.RestIfDue();
    Work(Pacer::kBite);
    pacer_.RestIfDue();
  });
  EXPECT_THAT(rests_, SizeIs(2));
}

TEST_F(PacerTest, ALongPieceIsNotPaidForWithoutEnd) {
  pacer_.SetGentle(true);
  OnNewThread([&] {
    Work(Pacer::kLongestRest);
    pacer_.RestIfDue();
  });
  EXPECT_THAT(rests_, ElementsAre(Pacer::kLongestRest));
}

TEST_F(PacerTest, DoesNotRestUnlessItIsToBeGentle) {
  OnNewThread([&] {
    Work(Pacer::kBite * 2);
    pacer_.RestIfDue();
    pacer_.SetGentle(true);
    pacer_.SetGentle(false);
    pacer_.RestIfDue();
  });
  EXPECT_THAT(rests_, IsEmpty());
}

}  // namespace
}  // namespace freshet::storage
