#include "daemon/kafka/hand_over.h"

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace freshet::daemon::kafka {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::hours kForEver{1};

// Messages of one partition at the offsets; `per_message` entries each.
Chunk MakeChunk(std::uint32_t partition, const std::vector<std::uint64_t>& offsets,
                std::size_t per_message = 1) {
  Chunk chunk;
  for (const std::uint64_t offset : offsets) {
    for (std::size_t i = 0; i < per_message; ++i) {
      chunk.entries.push_back({{partition, offset}, 1, core::DeleteItem{std::to_string(offset)}});
    }
    chunk.next[partition] = offset + 1;
    chunk.bytes += 100;
  }
  return chunk;
}

TEST(HandOver, GivesWhatWasPushedInOrderWithTheirPositions) {
  HandOver queue({});
  const auto run = queue.Restart({{9, 4}});
  ASSERT_TRUE(queue.Push(run, MakeChunk(1, {5, 6})));
  ASSERT_TRUE(queue.Push(run, MakeChunk(2, {7})));
  storage::LogBatch batch;
  ASSERT_TRUE(queue.Take(10, kForEver, &batch).ok());
  ASSERT_EQ(batch.entries.size(), 3U);
  EXPECT_EQ(batch.entries[2].position, (core::Position{2, 7}));
  EXPECT_EQ(batch.next, (core::Positions{{1, 7}, {2, 8}, {9, 4}}));
}

TEST(HandOver, CutsAChunkBetweenPositionsOnly) {
  HandOver queue({});
  const auto run = queue.Restart({});
  Chunk chunk = MakeChunk(1, {5, 6, 9}, 3);
  chunk.bad.push_back({{1, 4}, 1, "first", ""});
  chunk.bad.push_back({{1, 8}, 1, "between", ""});
  chunk.bad.push_back({{1, 10}, 1, "last", ""});
  chunk.next[1] = 12;
  ASSERT_TRUE(queue.Push(run, std::move(chunk)));
  storage::LogBatch batch;
  ASSERT_TRUE(queue.Take(2, kForEver, &batch).ok());
  EXPECT_EQ(batch.entries.size(), 3U);
  ASSERT_EQ(batch.bad.size(), 1U);
  EXPECT_EQ(batch.bad[0].reason, "first");
  EXPECT_EQ(batch.next, (core::Positions{{1, 6}}));
  ASSERT_TRUE(queue.Take(4, kForEver, &batch).ok());
  EXPECT_EQ(batch.entries.size(), 6U);
  ASSERT_EQ(batch.bad.size(), 2U);
  EXPECT_EQ(batch.next, (core::Positions{{1, 12}}));
}

TEST(HandOver, HoldsNoMoreThanItsLimits) {
  HandOver queue({.entries = 4, .bytes = 1 << 20});
  const auto run = queue.Restart({});
  std::atomic<int> pushed = 0;
  std::thread reader([&] {
    for (std::uint64_t i = 0; i < 100; ++i) {
      ASSERT_TRUE(queue.Push(run, MakeChunk(0, {2 * i, 2 * i + 1})));
      ++pushed;
    }
  });
  std::uint64_t expected = 0;
  storage::LogBatch batch;
  while (expected < 200) {
    ASSERT_TRUE(queue.Take(1000, kForEver, &batch).ok());
    EXPECT_LE(batch.entries.size(), 6U);
    for (const auto& entry : batch.entries) EXPECT_EQ(entry.position.offset, expected++);
    EXPECT_LE(pushed.load(), static_cast<int>(expected / 2 + 4));
  }
  reader.join();
}

TEST(HandOver, BoundsBytesToo) {
  HandOver queue({.entries = 1000, .bytes = 150});
  const auto run = queue.Restart({});
  ASSERT_TRUE(queue.Push(run, MakeChunk(0, {0, 1})));
  auto second = std::async(std::launch::async, [&] { return queue.Push(run, MakeChunk(0, {2})); });
  storage::LogBatch batch;
  ASSERT_TRUE(queue.Take(1, kForEver, &batch).ok());
  EXPECT_EQ(batch.entries.size(), 1U);
  ASSERT_TRUE(queue.Take(1, kForEver, &batch).ok());
  ASSERT_EQ(second.wait_for(kPatience), std::future_status::ready);
  EXPECT_TRUE(second.get());
}

TEST(HandOver, ANewRunDropsTheOldOne) {
  HandOver queue({.entries = 1, .bytes = 100});
  const auto old_run = queue.Restart({});
  ASSERT_TRUE(queue.Push(old_run, MakeChunk(0, {0})));
  auto waiting =
      std::async(std::launch::async, [&] { return queue.Push(old_run, MakeChunk(0, {1})); });
  const auto run = queue.Restart({{0, 50}});
  ASSERT_EQ(waiting.wait_for(kPatience), std::future_status::ready);
  EXPECT_FALSE(waiting.get());
  ASSERT_TRUE(queue.Push(run, MakeChunk(0, {50})));
  storage::LogBatch batch;
  ASSERT_TRUE(queue.Take(10, kForEver, &batch).ok());
  ASSERT_EQ(batch.entries.size(), 1U);
  EXPECT_EQ(batch.entries[0].position.offset, 50U);
}

TEST(HandOver, AFailureIsToldWhenNothingIsLeft) {
  HandOver queue({});
  const auto run = queue.Restart({});
  ASSERT_TRUE(queue.Push(run, MakeChunk(0, {0})));
  queue.Fail(core::Unavailable("away"));
  storage::LogBatch batch;
  EXPECT_TRUE(queue.Take(10, kForEver, &batch).ok());
  const core::Status failed = queue.Take(10, kForEver, &batch);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().message, "away");
  queue.Fail({});
  EXPECT_TRUE(queue.Take(10, milliseconds(0), &batch).ok());
}

TEST(HandOver, InterruptEndsATakeThatWaitsOrTheNext) {
  HandOver queue({});
  queue.Restart({});
  queue.Interrupt();
  storage::LogBatch batch;
  EXPECT_TRUE(queue.Take(10, kForEver, &batch).ok());
  EXPECT_TRUE(batch.entries.empty());
}

TEST(HandOver, ClosedItGivesWhatItHasAndDoesNotWait) {
  HandOver queue({});
  const auto run = queue.Restart({});
  ASSERT_TRUE(queue.Push(run, MakeChunk(0, {0})));
  queue.Close();
  EXPECT_FALSE(queue.Push(run, MakeChunk(0, {1})));
  storage::LogBatch batch;
  ASSERT_TRUE(queue.Take(10, kForEver, &batch).ok());
  EXPECT_EQ(batch.entries.size(), 1U);
  ASSERT_TRUE(queue.Take(10, kForEver, &batch).ok());
  EXPECT_TRUE(batch.entries.empty());
}

}  // namespace
}  // namespace freshet::daemon::kafka
