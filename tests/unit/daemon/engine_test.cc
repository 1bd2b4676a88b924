#include "daemon/engine.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/engine_world.h"

namespace freshet::daemon {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

std::uint64_t EventCount(Engine::QueryThread* queries) {
  return queries->Read(
      [](const core::State& state, core::QueryScratch*) { return state.event_count(); });
}

TEST(Engine, SubmittedEventIsInTheVeryNextRead) {
  EngineWorld world;
  const auto engine = world.Start();
  Engine::QueryThread queries(engine.get());
  for (std::uint64_t i = 1; i <= 50; ++i) {
    const auto result = SubmitAndWait(engine.get(), {MakeEvent(i)});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(EventCount(&queries), i);
    EXPECT_TRUE(core::Covers(engine->Status().applied, *result));
  }
  EXPECT_EQ(engine->Status().applied_entries, 50U);
}

TEST(Engine, EntriesOfOneSubmissionAreAppliedInOrder) {
  EngineWorld world;
  const auto engine = world.Start();
  core::PutItem first{"item", {{"PRICE", *core::Number::Parse("1")}}};
  core::PutItem second{"item", {{"PRICE", *core::Number::Parse("2")}}};
  ASSERT_TRUE(SubmitAndWait(engine.get(), {first, core::DeleteItem{"item"}, second}));
  Engine::QueryThread queries(engine.get());
  queries.Read([](const core::State& state, core::QueryScratch*) {
    const core::ItemId item = state.catalog().Find("item");
    ASSERT_TRUE(item.valid());
    EXPECT_EQ(std::get<core::Number>(state.catalog().Columns(item)[0].value).text(), "2");
  });
}

TEST(Engine, RepeatedEventIdIsLearnedOnce) {
  EngineWorld world;
  const auto engine = world.Start();
  ASSERT_TRUE(SubmitAndWait(engine.get(), {MakeEvent(1, "id"), MakeEvent(1, "id")}));
  ASSERT_TRUE(SubmitAndWait(engine.get(), {MakeEvent(1, "id")}));
  Engine::QueryThread queries(engine.get());
  EXPECT_EQ(EventCount(&queries), 1U);
  EXPECT_EQ(engine->Status().duplicates, 2U);
  EXPECT_EQ(engine->Status().applied_entries, 3U);
}

TEST(Engine, ObservesTheEffectOfEachSubmission) {
  EngineWorld world;
  std::atomic<int> observed = 0;
  const auto engine = world.Start([&](double seconds) {
    EXPECT_GE(seconds, 0.0);
    observed.fetch_add(1);
  });
  for (std::uint64_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(SubmitAndWait(engine.get(), {MakeEvent(i), MakeEvent(i + 1)}));
  }
  EXPECT_EQ(observed.load(), 10);
}

TEST(Engine, CallbacksOfOneThreadComeInTheOrderOfItsSubmissions) {
  EngineWorld world;
  const auto engine = world.Start();
  std::vector<int> order;  // touched by the apply thread only
  std::atomic<int> called = 0;
  constexpr int kCount = 2000;
  for (int i = 0; i < kCount; ++i) {
    engine->Submit({MakeEvent(static_cast<std::uint64_t>(i))},
                   [&, i](const core::Result<core::Positions>& result) {
                     EXPECT_TRUE(result);
                     order.push_back(i);
                     called.fetch_add(1);
                   });
  }
  WaitUntil([&] { return called.load() == kCount; });
  for (int i = 0; i < kCount; ++i) ASSERT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(Engine, ManyThreadsSubmitAndReadWhileCheckpointsAreTaken) {
  EngineWorld world;
  world.options.checkpoint_interval = milliseconds(0);
  constexpr std::uint64_t kWriters = 2;
  constexpr std::uint64_t kEach = 150;
  const auto engine = world.Start();
  std::atomic<bool> done = false;
  std::vector<std::thread> writers;
  std::vector<std::thread> readers;
  for (std::uint64_t writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      Engine::QueryThread queries(engine.get());
      for (std::uint64_t i = 0; i < kEach; ++i) {
        const std::string name = "w" + std::to_string(writer) + "-" + std::to_string(i);
        core::Event event = std::get<core::Event>(MakeEvent(i));
        event.item_id = name;
        ASSERT_TRUE(SubmitAndWait(engine.get(), {event}));
        EXPECT_TRUE(queries.Read([&](const core::State& state, core::QueryScratch*) {
          return state.catalog().Find(name).valid();
        }));
      }
    });
  }
  for (int reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&] {
      Engine::QueryThread queries(engine.get());
      while (!done.load()) {
        // Reads every structure: ThreadSanitizer judges whether taking checkpoints keeps apart.
        queries.Read([](const core::State& state, core::QueryScratch*) {
          std::ostringstream out;
          core::Dump(state, out);
          EXPECT_FALSE(state.BytesByStructure().empty());
        });
        EXPECT_TRUE(engine->Status().ready) << engine->Status().not_ready_because;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  done.store(true);
  for (std::thread& reader : readers) reader.join();
  ASSERT_TRUE(engine->Stop().ok());
  EXPECT_EQ(engine->state().event_count(), kWriters * kEach);
  EXPECT_EQ(EngineWorld::DumpOf(*engine), world.CleanReplay());
}

TEST(Engine, StoppedAndStartedAgainKnowsTheSame) {
  EngineWorld world;
  std::string before;
  {
    const auto engine = world.Start();
    for (std::uint64_t i = 0; i < 300; ++i) {
      ASSERT_TRUE(SubmitAndWait(engine.get(), {MakeEvent(i, "id-" + std::to_string(i % 250))}));
    }
    ASSERT_TRUE(engine->Stop().ok());
    before = EngineWorld::DumpOf(*engine);
  }
  const auto engine = world.Start();
  EXPECT_EQ(engine->Status().applied_entries, 0U) << "the last checkpoint covers all";
  ASSERT_TRUE(engine->Stop().ok());
  EXPECT_EQ(EngineWorld::DumpOf(*engine), before);
  EXPECT_EQ(before, world.CleanReplay());
}

// The disk as a crash leaves it: the journal has every acknowledged entry, the store one of the
// checkpoints, not the newest.
TEST(Engine, LostAfterAnyCheckpointItRecoversEverythingAcknowledged) {
  for (int commits = 0; commits < 12; ++commits) {
    EngineWorld world;
    world.options.checkpoint_interval = milliseconds(0);
    std::uint64_t number = 0;
    for (int life = 0; life < 3; ++life) {
      // Each life is cut elsewhere, and what it commits after the cut never reaches the disk.
      world.commits_left().store(commits / (life + 1));
      const auto engine = world.Start();
      for (int i = 0; i < 40; ++i, ++number) {
        const std::string id = "id-" + std::to_string(number % 90);
        ASSERT_TRUE(SubmitAndWait(engine.get(), {MakeEvent(number, id), MakeEvent(number + 1)}));
      }
    }
    world.commits_left().store(1 << 30);
    const auto engine = world.Start();
    ASSERT_TRUE(engine->Stop().ok());
    ASSERT_EQ(EngineWorld::DumpOf(*engine), world.CleanReplay()) << commits << " checkpoints";
    EXPECT_EQ(engine->state().event_count(), 120U + 90U);
  }
}

TEST(Engine, ReplaysTheTailAndReportsProgress) {
  EngineWorld world;
  world.commits_left().store(0);
  {
    const auto engine = world.Start();
    std::vector<core::LogEntry> entries;
    for (std::uint64_t i = 0; i < 10'000; ++i) entries.push_back(MakeEvent(i));
    ASSERT_TRUE(SubmitAndWait(engine.get(), std::move(entries)));
  }
  const auto engine = world.Open();
  std::vector<std::pair<std::uint64_t, std::uint64_t>> reports;
  ASSERT_TRUE(engine
                  ->Start([&](std::uint64_t replayed, std::uint64_t total) {
                    reports.emplace_back(replayed, total);
                  })
                  .ok());
  ASSERT_GE(reports.size(), 2U);
  EXPECT_LT(reports.front().first, 10'000U);
  EXPECT_EQ(reports.back(), (std::pair<std::uint64_t, std::uint64_t>(10'000, 10'000)));
  // Before the first entry its offset is a guess.
  for (const auto& [replayed, total] : reports) EXPECT_EQ(total, replayed == 0 ? 10'001U : 10'000U);
  EXPECT_EQ(engine->state().event_count(), 10'000U);
}

TEST(Engine, NothingIsTakenBeforeStartAndAfterStop) {
  EngineWorld world;
  const auto engine = world.Open();
  EXPECT_FALSE(engine->Status().ready);
  auto result = SubmitAndWait(engine.get(), {MakeEvent(1)});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, core::ErrorCode::kUnavailable);
  ASSERT_TRUE(engine->Start().ok());
  EXPECT_TRUE(engine->Status().ready);
  EXPECT_EQ(engine->Status().not_ready_because, "");
  ASSERT_TRUE(engine->Stop().ok());
  ASSERT_TRUE(engine->Stop().ok());
  EXPECT_FALSE(engine->Status().ready);
  result = SubmitAndWait(engine.get(), {MakeEvent(1)});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("stopping"));
}

TEST(Engine, StopWithoutStartIsHarmless) {
  EngineWorld world;
  const auto engine = world.Open();
  EXPECT_TRUE(engine->Stop().ok());
}

TEST(Engine, EverySubmissionEndsOnceWhenTheEngineStops) {
  for (int round = 0; round < 20; ++round) {
    EngineWorld world;
    const auto engine = world.Start();
    std::atomic<std::uint64_t> submitted = 0;
    std::atomic<std::uint64_t> acknowledged = 0;
    std::atomic<std::uint64_t> refused = 0;
    std::atomic<bool> stopped = false;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 2; ++thread) {
      threads.emplace_back([&] {
        while (!stopped.load()) {
          const std::uint64_t number = submitted.fetch_add(1);
          engine->Submit({MakeEvent(number)}, [&](const core::Result<core::Positions>& result) {
            (result ? acknowledged : refused).fetch_add(1);
          });
        }
      });
    }
    WaitUntil([&] { return acknowledged.load() > 100; });
    ASSERT_TRUE(engine->Stop().ok());
    stopped.store(true);
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(acknowledged.load() + refused.load(), submitted.load());
    EXPECT_GE(engine->state().event_count(), acknowledged.load());
  }
}

TEST(Engine, FullQueueIsToldAtOnce) {
  EngineWorld world;
  world.journal.maximum_queued_entries = 10;
  const auto engine = world.Start();
  Engine::QueryThread queries(engine.get());
  std::atomic<int> acknowledged = 0;
  int refused = 0;
  int taken = 0;
  // The apply thread cannot pass the gate while this reads, so the queue fills.
  queries.Read([&](const core::State&, core::QueryScratch*) {
    while (refused == 0) {
      engine->Submit({MakeEvent(1)}, [&](const core::Result<core::Positions>& result) {
        if (result) {
          acknowledged.fetch_add(1);
        } else {
          EXPECT_EQ(result.error().code, core::ErrorCode::kOverloaded);
          ++refused;
        }
      });
      if (refused == 0) ++taken;
    }
  });
  WaitUntil([&] { return acknowledged.load() == taken; });
  EXPECT_TRUE(SubmitAndWait(engine.get(), {MakeEvent(2)}));
}

TEST(Engine, FailingCheckpointStopsIngestUntilOneSucceeds) {
  EngineWorld world;
  const auto engine = world.Start();
  Engine::QueryThread queries(engine.get());
  ASSERT_TRUE(SubmitAndWait(engine.get(), {MakeEvent(1)}));
  WaitUntil([&] { return engine->Status().checkpoints == 1; });

  world.store().FailNextCommits(core::IoError("no space left on device"), 1'000'000'000);
  ASSERT_TRUE(SubmitAndWait(engine.get(), {MakeEvent(2)}));
  WaitUntil([&] { return !engine->Status().ready; });
  EXPECT_THAT(engine->Status().not_ready_because, HasSubstr("no space left on device"));
  const auto refused = SubmitAndWait(engine.get(), {MakeEvent(3)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, core::ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("no space left on device"));
  EXPECT_EQ(EventCount(&queries), 2U) << "queries go on from memory";

  world.store().FailNextCommits(core::IoError(""), 0);
  WaitUntil([&] { return engine->Status().ready; });
  ASSERT_TRUE(SubmitAndWait(engine.get(), {MakeEvent(4)}));
  EXPECT_EQ(EventCount(&queries), 3U);
  ASSERT_TRUE(engine->Stop().ok());
  const std::string dump = EngineWorld::DumpOf(*engine);
  EXPECT_EQ(dump, world.CleanReplay());
  const auto again = world.Start();
  EXPECT_EQ(again->Status().applied_entries, 0U);
  ASSERT_TRUE(again->Stop().ok());
  EXPECT_EQ(EngineWorld::DumpOf(*again), dump);
}

TEST(Engine, StopReportsACheckpointThatCannotBeWrittenAndLosesNothing) {
  EngineWorld world;
  world.options.checkpoint_interval = hours(1);
  {
    const auto engine = world.Start();
    ASSERT_TRUE(SubmitAndWait(engine.get(), {MakeEvent(1), MakeEvent(2)}));
    world.store().FailNextCommits(core::IoError("no space left on device"), 1'000'000'000);
    const core::Status stopped = engine->Stop();
    ASSERT_FALSE(stopped.ok());
    EXPECT_THAT(stopped.error().message, HasSubstr("no space left on device"));
  }
  const auto engine = world.Start();
  EXPECT_EQ(engine->state().event_count(), 2U);
}

TEST(Engine, FailingLogIsToldToTheSubmitterAndTriedAgain) {
  EngineWorld world;
  const auto engine = world.Start();
  Engine::QueryThread queries(engine.get());
  ASSERT_TRUE(SubmitAndWait(engine.get(), {MakeEvent(1)}));

  world.disk_of_log().FailNextWrites(core::IoError("no space left on device"), 1'000'000'000);
  const auto failed = SubmitAndWait(engine.get(), {MakeEvent(2)});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("no space left on device"));
  EXPECT_EQ(EventCount(&queries), 1U);

  world.disk_of_log().FailNextWrites(core::IoError(""), 0);
  WaitUntil([&] { return engine->Status().ready; });
  ASSERT_TRUE(SubmitAndWait(engine.get(), {MakeEvent(3)}));
  EXPECT_EQ(EventCount(&queries), 2U);
  ASSERT_TRUE(engine->Stop().ok());
  EXPECT_EQ(EngineWorld::DumpOf(*engine), world.CleanReplay());
}

TEST(Engine, CheckpointIsTakenWhenEnoughRowsChangedWhateverTheInterval) {
  EngineWorld world;
  world.options.checkpoint_interval = hours(1);
  world.options.checkpoint_bytes = 200'000;
  const auto engine = world.Start();
  std::uint64_t number = 0;
  WaitUntil([&] {
    EXPECT_TRUE(SubmitAndWait(engine.get(), {MakeEvent(number++)}));
    return engine->Status().checkpoints >= 2;
  });
  EXPECT_TRUE(core::Covers(engine->Status().applied, engine->Status().checkpointed));
  EXPECT_GT(engine->Status().last_checkpoint_bytes, 0U);
}

TEST(Engine, WaitForIsCalledOnceThePositionIsApplied) {
  EngineWorld world;
  const auto engine = world.Start();
  const auto first = SubmitAndWait(engine.get(), {MakeEvent(1)});
  ASSERT_TRUE(first);
  bool at_once = false;
  engine->WaitFor(
      *first, [&](const core::Result<core::Positions>& result) { at_once = result.has_value(); });
  EXPECT_TRUE(at_once);

  core::Positions next = *first;
  ++next[0];
  std::atomic<bool> passed = false;
  engine->WaitFor(next, [&](const core::Result<core::Positions>& result) {
    EXPECT_TRUE(result);
    passed.store(true);
  });
  EXPECT_FALSE(passed.load());
  ASSERT_TRUE(SubmitAndWait(engine.get(), {MakeEvent(2)}));
  WaitUntil([&] { return passed.load(); });
}

TEST(Engine, WhoWaitsForWhatNeverComesIsToldAtStop) {
  EngineWorld world;
  const auto engine = world.Start();
  bool failed = false;
  engine->WaitFor({{0, 1'000'000}}, [&](const core::Result<core::Positions>& result) {
    failed = !result && result.error().code == core::ErrorCode::kUnavailable;
  });
  ASSERT_TRUE(engine->Stop().ok());
  EXPECT_TRUE(failed);
}

TEST(Engine, DamagedRowIsAnErrorOfStart) {
  EngineWorld world;
  ASSERT_TRUE(SubmitAndWait(world.Start().get(), {MakeEvent(1)}));
  for (auto& [key, value] : world.disk_of_store().rows) value = "?";
  const auto engine = world.Open();
  const core::Status started = engine->Start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().code, core::ErrorCode::kCorruption);
  EXPECT_THAT(started.error().message, HasSubstr("cannot load the checkpoint"));
  EXPECT_FALSE(engine->Status().ready);
}

TEST(Engine, LogThatLostWhatTheCheckpointNeedsIsAnErrorOfStart) {
  EngineWorld world;
  world.journal.retention_ms = 0;
  {
    const auto engine = world.Start();
    for (std::uint64_t i = 0; i < 5; ++i) {
      ASSERT_TRUE(SubmitAndWait(engine.get(), {MakeEvent(i)}));
    }
    ASSERT_TRUE(engine->Stop().ok());
  }
  // The checkpoints made the log drop its head; a store from before them does not fit it any more.
  world.disk_of_store().rows.clear();
  world.disk_of_store().covered = {{0, 1}};
  const core::Status started = world.Open()->Start();
  ASSERT_FALSE(started.ok());
  EXPECT_THAT(started.error().message, HasSubstr("where the checkpoint ends"));
}

}  // namespace
}  // namespace freshet::daemon
