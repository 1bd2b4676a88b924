// The engine on a log that delivers on a thread of its own, in several partitions, with bad entries
// among the good: what it must not take from the embedded journal's ways.
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include "daemon/engine.h"
#include "tests/unit/daemon/engine_world.h"
#include "tests/unit/daemon/partitioned_log.h"

namespace freshet::daemon {
namespace {

// Calls `before` in every commit.
class WatchedStore : public storage::MemoryStore {
 public:
  explicit WatchedStore(std::function<void()> before) : before_(std::move(before)) {}

  core::Status Commit(const core::RowBatch& rows, const core::Positions& covered,
                      std::span<const storage::BadEntry> dead_letters) override {
    before_();
    return MemoryStore::Commit(rows, covered, dead_letters);
  }

 private:
  const std::function<void()> before_;
};

class EnginePartitions : public ::testing::Test {
 protected:
  void SetUp() override { Open({}); }

  void Open(EngineOptions options, std::unique_ptr<storage::MemoryStore> store =
                                       std::make_unique<storage::MemoryStore>()) {
    engine_.reset();
    auto log = std::make_unique<PartitionedLog>();
    log_ = log.get();
    store_ = store.get();
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

// The state after any turn is one of whole messages: who waits for a message's position sees all of
// it, and so does a checkpoint.
TEST_F(EnginePartitions, EntriesOfOneMessageAreLearnedAsOne) {
  EngineOptions options;
  options.turn_time = std::chrono::microseconds(0);
  Open(options);
  constexpr std::uint64_t kMessages = 50;
  constexpr std::uint64_t kEntries = 10;
  ASSERT_TRUE(engine_->Start().ok());
  Engine::QueryThread queries(engine_.get());
  for (std::uint64_t message = 0; message < kMessages; ++message) {
    std::vector<core::LogEntry> entries;
    for (std::uint64_t i = 0; i < kEntries; ++i) entries.push_back(MakeEvent(message * 10 + i));
    log_->AddMessage(0, std::move(entries));
  }
  std::uint64_t count = 0;
  while (count < kMessages * kEntries) {
    count = queries.Read(
        [](const core::State& state, core::QueryScratch*) { return state.event_count(); });
    ASSERT_EQ(count % kEntries, 0U);
  }
  for (std::uint64_t message = 1; message <= kMessages; ++message) {
    engine_->WaitFor({{0, message}},
                     [&](const core::Result<core::Positions>& result) { EXPECT_TRUE(result); });
  }
}

TEST_F(EnginePartitions, WhileCatchingUpItAnswersAndTakesAndSaysHowFarItIs) {
  EngineOptions options;
  options.ready_lag_entries = 20;
  Open(options);
  for (std::uint64_t i = 0; i < 100; ++i) log_->AddMessage(i % 2, {MakeEvent(i)});
  log_->HoldBackAfter(30);
  ASSERT_TRUE(engine_->Begin().ok());
  Engine::QueryThread queries(engine_.get());
  WaitUntil([&] { return engine_->Status().applied_entries == 30; });
  EngineStatus status = engine_->Status();
  EXPECT_FALSE(status.ready);
  EXPECT_TRUE(status.catching_up);
  EXPECT_EQ(status.lag, 70U);
  EXPECT_THAT(status.not_ready_because, testing::HasSubstr("catching up: 70 entries left"));
  EXPECT_EQ(queries.Read(
                [](const core::State& state, core::QueryScratch*) { return state.event_count(); }),
            30U);

  std::promise<bool> applied;
  engine_->Submit({MakeEvent(100)}, [&](const core::Result<core::Positions>& result) {
    applied.set_value(result.has_value());
  });
  auto answer = applied.get_future();
  EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(0)), std::future_status::timeout);
  log_->HoldBackAfter(52);
  WaitUntil([&] { return engine_->Status().ready; });
  EXPECT_LE(engine_->Status().lag, 20U);
  log_->HoldBackAfter(1000);
  ASSERT_EQ(answer.wait_for(kPatience), std::future_status::ready);
  EXPECT_TRUE(answer.get());
  EXPECT_FALSE(engine_->Status().catching_up);
}

TEST_F(EnginePartitions, WhileCatchingUpItIsNotFarAheadOfTheCheckpointUnderWay) {
  constexpr std::uint64_t kMessages = 30'000;
  // A batch in the checkpoint under way, and one in the next, which is then as large as it may be.
  constexpr std::uint64_t kMostAhead = 2 * 4096;
  std::atomic<std::uint64_t> most_applied = 0;
  auto store = std::make_unique<WatchedStore>([&] {
    if (most_applied.load() > 0) return;
    const auto enough = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
    while (most_applied.load() <= kMostAhead && std::chrono::steady_clock::now() < enough) {
      most_applied.store(engine_->Status().applied_entries);
      std::this_thread::yield();
    }
  });
  EngineOptions options;
  options.checkpoint_catch_up_bytes = 1;
  Open(options, std::move(store));
  for (std::uint64_t i = 0; i < kMessages; ++i) log_->AddMessage(i % 2, {MakeEvent(i)});
  ASSERT_TRUE(engine_->Begin().ok());
  WaitUntil([&] { return engine_->Status().ready; });
  EXPECT_EQ(engine_->Status().applied_entries, kMessages);
  ASSERT_TRUE(engine_->Stop().ok());
  EXPECT_GT(most_applied.load(), 0U);
  EXPECT_LE(most_applied.load(), kMostAhead);
}

TEST_F(EnginePartitions, ALargeCheckpointIsNotLeftToSpareTime) {
  // Which policy the thread had that committed a checkpoint of what came after the start.
  const auto policy_of_commit = [this](std::uint64_t catch_up_bytes) {
    std::atomic<int> policy = -1;
    auto store = std::make_unique<WatchedStore>([&] { policy = ::sched_getscheduler(0); });
    EngineOptions options;
    options.checkpoint_catch_up_bytes = catch_up_bytes;
    Open(options, std::move(store));
    EXPECT_TRUE(engine_->Start().ok());
    EXPECT_TRUE(SubmitAndWait(engine_.get(), {MakeEvent(1)}));
    WaitUntil([&] { return engine_->Status().checkpoints > 0; });
    const int of_commit = policy;
    EXPECT_TRUE(engine_->Stop().ok());
    return of_commit;
  };
  EXPECT_EQ(policy_of_commit(1ULL << 30), SCHED_IDLE);
  EXPECT_EQ(policy_of_commit(1), SCHED_OTHER);
}

TEST_F(EnginePartitions, ALogThatIsAwayDoesNotKeepItFromBeginning) {
  log_->SetAway(true);
  ASSERT_TRUE(engine_->Begin().ok());
  WaitUntil([&] {
    return engine_->Status().not_ready_because.find("the broker is away") != std::string::npos;
  });
  log_->SetAway(false);
  WaitUntil([&] { return engine_->Status().ready; });
  EXPECT_TRUE(SubmitAndWait(engine_.get(), {MakeEvent(1)}));
}

TEST_F(EnginePartitions, ALogThatIsAwayIsAnErrorOfAStartThatWaits) {
  log_->SetAway(true);
  const core::Status started = engine_->Start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().message, "cannot replay the log: the broker is away");
  EXPECT_FALSE(SubmitAndWait(engine_.get(), {MakeEvent(1)}));
}

}  // namespace
}  // namespace freshet::daemon
