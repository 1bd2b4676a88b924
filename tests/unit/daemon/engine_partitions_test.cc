// The engine on a log that delivers on a thread of its own, in several partitions, with bad entries
// among the good: what it must not take from the embedded journal's ways.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/engine.h"
#include "tests/unit/daemon/engine_world.h"
#include "tests/unit/daemon/partitioned_log.h"

namespace freshet::daemon {
namespace {

class EnginePartitions : public ::testing::Test {
 protected:
  void SetUp() override {
    auto log = std::make_unique<PartitionedLog>();
    auto store = std::make_unique<storage::MemoryStore>();
    log_ = log.get();
    store_ = store.get();
    EngineOptions options;
    options.checkpoint_interval = std::chrono::milliseconds(1);
    options.maximum_dead_letters = 5;
    engine_ = std::make_unique<Engine>(core::Settings(), std::move(log), std::move(store), options);
  }

  std::unique_ptr<Engine> engine_;
  PartitionedLog* log_ = nullptr;
  storage::MemoryStore* store_ = nullptr;
};

TEST_F(EnginePartitions, SubmissionIsAcknowledgedWhenAllItsPartitionsAreApplied) {
  ASSERT_TRUE(engine_->Start().ok());
  Engine::QueryThread queries(engine_.get());
  std::uint64_t count = 0;
  for (std::uint64_t i = 0; i < 100; ++i) {
    const auto result = SubmitAndWait(
        engine_.get(), {MakeEvent(3 * i), MakeEvent(3 * i + 1), MakeEvent(3 * i + 2)});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->size(), 2U);
    count += 3;
    EXPECT_EQ(queries.Read([](const core::State& state, core::QueryScratch*) {
      return state.event_count();
    }),
              count);
  }
}

TEST_F(EnginePartitions, ManyThreadsAreEachToldOnce) {
  ASSERT_TRUE(engine_->Start().ok());
  constexpr int kThreads = 3;
  constexpr int kEach = 500;
  std::atomic<int> called = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      for (std::uint64_t i = 0; i < kEach; ++i) {
        engine_->Submit({MakeEvent(i)}, [&](const core::Result<core::Positions>& result) {
          EXPECT_TRUE(result);
          called.fetch_add(1);
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  WaitUntil([&] { return called.load() >= kThreads * kEach; });
  ASSERT_TRUE(engine_->Stop().ok());
  EXPECT_EQ(called.load(), kThreads * kEach);
  EXPECT_EQ(engine_->state().event_count(), static_cast<std::uint64_t>(kThreads * kEach));
}

TEST_F(EnginePartitions, FailedDeliveryIsToldAndTheNextSucceeds) {
  ASSERT_TRUE(engine_->Start().ok());
  log_->FailNextAppends(1);
  const auto failed = SubmitAndWait(engine_.get(), {MakeEvent(1)});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "not delivered");
  EXPECT_TRUE(SubmitAndWait(engine_.get(), {MakeEvent(1)}));
}

TEST_F(EnginePartitions, BadEntryBecomesADeadLetterAndTheStreamGoesOn) {
  log_->AddBadEntry(1, "broken JSON");
  ASSERT_TRUE(engine_->Start().ok()) << "a bad entry in the tail does not end the replay";
  ASSERT_TRUE(SubmitAndWait(engine_.get(), {MakeEvent(1), MakeEvent(2)}));
  log_->AddBadEntry(0, "too long");
  WaitUntil([&] { return engine_->Status().dead_letters == 2; });
  ASSERT_TRUE(engine_->Stop().ok());
  EXPECT_EQ(engine_->state().event_count(), 2U);
  const auto letters = store_->DeadLetters();
  ASSERT_TRUE(letters);
  ASSERT_EQ(letters->size(), 2U);
  EXPECT_EQ((*letters)[0].reason, "broken JSON");
  EXPECT_EQ((*letters)[1].reason, "too long");
  EXPECT_EQ((*letters)[1].position, (core::Position{0, 1}));
  EXPECT_EQ(*store_->Covered(), (core::Positions{{0, 2}, {1, 2}}));
}

TEST_F(EnginePartitions, NewestBadEntriesAreKeptWhenThereAreTooMany) {
  for (int i = 0; i < 20; ++i) log_->AddBadEntry(0, std::to_string(i));
  ASSERT_TRUE(engine_->Start().ok());
  ASSERT_TRUE(engine_->Stop().ok());
  EXPECT_EQ(engine_->Status().dead_letters, 20U);
  const auto letters = store_->DeadLetters();
  ASSERT_TRUE(letters);
  ASSERT_EQ(letters->size(), 5U);
  EXPECT_EQ(letters->front().reason, "15");
  EXPECT_EQ(letters->back().reason, "19");
}

}  // namespace
}  // namespace freshet::daemon
