#include "daemon/waiters.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Notes who was called, in order: a name, or "name!" after an error.
class Calls {
 public:
  Submitted Note(std::string name) {
    return [this, name = std::move(name)](const core::Result<core::Positions>& result) {
      names_.push_back(result ? name : name + "!");
    };
  }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

TEST(Waiters, WhatIsAppliedAlreadyIsToldInsideAdd) {
  Waiters waiters;
  Calls calls;
  waiters.Advance({{0, 5}});
  waiters.Add({{0, 5}}, calls.Note("five"));
  waiters.Add({}, calls.Note("nothing"));
  waiters.Add({{7, 0}}, calls.Note("start of another partition"));
  EXPECT_THAT(calls.names(), ElementsAre("five", "nothing", "start of another partition"));
  EXPECT_EQ(waiters.size(), 0U);
}

TEST(Waiters, AreCalledInTheOrderOfTheirPositions) {
  Waiters waiters;
  Calls calls;
  waiters.Add({{0, 9}}, calls.Note("nine"));
  waiters.Add({{0, 3}}, calls.Note("three"));
  waiters.Add({{0, 6}}, calls.Note("six"));
  waiters.Add({{0, 6}}, calls.Note("six again"));
  waiters.Advance({{0, 2}});
  EXPECT_THAT(calls.names(), IsEmpty());
  waiters.Advance({{0, 6}});
  EXPECT_THAT(calls.names(), ElementsAre("three", "six", "six again"));
  EXPECT_EQ(waiters.size(), 1U);
  waiters.Advance({{0, 100}});
  EXPECT_THAT(calls.names(), ElementsAre("three", "six", "six again", "nine"));
}

TEST(Waiters, GetThePositionsTheyWaitedFor) {
  Waiters waiters;
  core::Positions got;
  waiters.Add({{0, 3}, {2, 8}}, [&](core::Result<core::Positions> result) { got = *result; });
  waiters.Advance({{0, 50}, {2, 60}});
  EXPECT_EQ(got, (core::Positions{{0, 3}, {2, 8}}));
}

TEST(Waiters, WaitForAllTheirPartitions) {
  Waiters waiters;
  Calls calls;
  waiters.Add({{0, 3}, {1, 4}, {2, 5}}, calls.Note("all"));
  waiters.Advance({{0, 3}, {1, 2}});
  waiters.Advance({{0, 3}, {1, 2}, {2, 5}});
  EXPECT_THAT(calls.names(), IsEmpty());
  waiters.Advance({{0, 9}, {1, 4}, {2, 5}});
  EXPECT_THAT(calls.names(), ElementsAre("all"));
}

TEST(Waiters, CloseFailsThoseWhoWaitAndThoseWhoComeLater) {
  Waiters waiters;
  Calls calls;
  waiters.Advance({{0, 5}});
  waiters.Add({{0, 6}}, calls.Note("waits"));
  waiters.Close(core::Unavailable("stopping"));
  waiters.Add({{0, 5}}, calls.Note("late"));
  EXPECT_THAT(calls.names(), ElementsAre("waits!", "late!"));
  waiters.Advance({{0, 100}});
  EXPECT_EQ(calls.names().size(), 2U);
}

TEST(Waiters, OneThatIsRemovedGivesItsMemoryBack) {
  Waiters waiters;
  Calls calls;
  const auto held = std::make_shared<int>(1);
  const core::Positions never{{7, 18'446'744'073'709'551'615U}};
  for (int i = 0; i < 1000; ++i) {
    const Waiters::Ticket ticket =
        waiters.Add(never, [held](const core::Result<core::Positions>&) {});
    waiters.Remove(never, ticket);
  }
  EXPECT_EQ(waiters.size(), 0U);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Waiters, OnlyTheOneThatIsRemovedIsForgotten) {
  Waiters waiters;
  Calls calls;
  waiters.Add({{0, 3}}, calls.Note("stays"));
  const core::Positions two{{0, 3}, {1, 5}};
  const Waiters::Ticket ticket = waiters.Add(two, calls.Note("leaves"));
  waiters.Advance({{0, 3}});  // it waits for the other partition now
  waiters.Remove(two, ticket);
  waiters.Remove(two, ticket);
  waiters.Advance({{0, 3}, {1, 5}});
  EXPECT_THAT(calls.names(), ElementsAre("stays"));
}

TEST(Waiters, CallbackMayAdd) {
  Waiters waiters;
  Calls calls;
  waiters.Add({{0, 1}}, [&](const core::Result<core::Positions>&) {
    waiters.Add({{0, 1}}, calls.Note("at once"));
    waiters.Add({{0, 2}}, calls.Note("later"));
  });
  waiters.Advance({{0, 1}});
  EXPECT_THAT(calls.names(), ElementsAre("at once"));
  waiters.Advance({{0, 2}});
  EXPECT_THAT(calls.names(), ElementsAre("at once", "later"));
}

TEST(Waiters, EachIsCalledOnceWhileManyThreadsAdd) {
  constexpr int kThreads = 4;
  constexpr std::uint64_t kEach = 2000;
  Waiters waiters;
  std::vector<std::atomic<int>> called(kThreads * kEach);
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint64_t i = 0; i < kEach; ++i) {
        std::atomic<int>& mine = called[thread * kEach + i];
        waiters.Add({{i % 2 == 0 ? 0U : 1U, i}},
                    [&mine](const core::Result<core::Positions>&) { mine.fetch_add(1); });
      }
    });
  }
  for (std::uint64_t i = 0; i < kEach / 2; ++i) waiters.Advance({{0, i}, {1, i}});
  for (std::thread& thread : threads) thread.join();
  waiters.Close(core::Unavailable("stopping"));
  for (const std::atomic<int>& one : called) ASSERT_EQ(one.load(), 1);
}

}  // namespace
}  // namespace freshet::daemon
