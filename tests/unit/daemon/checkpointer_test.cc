#include "daemon/checkpointer.h"

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <sched.h>

#include "daemon/checkpoint_policy.h"
#include "storage/memory_store.h"

namespace freshet::daemon {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr RetryPauses kShort{milliseconds(1), milliseconds(2)};
constexpr RetryPauses kForever{hours(1), hours(1)};

Checkpoint OneRow(std::string_view key, std::uint64_t offset) {
  Checkpoint checkpoint;
  checkpoint.rows.Put(core::Table::kItems, key, "value");
  checkpoint.covered = {{0, offset}};
  return checkpoint;
}

std::map<std::string, std::string> Rows(storage::CheckpointStore* store) {
  std::map<std::string, std::string> rows;
  const core::Status status =
      store->Load([&](core::Table, std::string_view key, std::string_view value) {
        rows.emplace(key, value);
        return core::Status();
      });
  EXPECT_TRUE(status.ok());
  return rows;
}

// Counts the checkpointer's reports, and waits for them.
class Reports {
 public:
  std::function<void()> Count() {
    return [this] {
      const std::lock_guard lock(mutex_);
      ++count_;
      changed_.notify_all();
    };
  }
  [[nodiscard]] bool WaitFor(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

// Remembers how urgent the thread is that commits, and what pace it was told.
class PolicyStore : public storage::MemoryStore {
 public:
  core::Status Commit(const core::RowBatch& rows, const core::Positions& covered,
                      std::span<const storage::BadEntry> dead_letters) override {
    policy = ::sched_getscheduler(0);
    return MemoryStore::Commit(rows, covered, dead_letters);
  }
  void SetPace(storage::Pace to) override { pace = to; }
  int policy = -1;
  storage::Pace pace = storage::Pace::kFull;
};

// Whose commits end when the pace is full.
class SlowStore : public storage::MemoryStore {
 public:
  core::Status Commit(const core::RowBatch& rows, const core::Positions& covered,
                      std::span<const storage::BadEntry> dead_letters) override {
    {
      std::unique_lock lock(mutex_);
      commits_ = true;
      changed_.notify_all();
      EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(30),
                                    [&] { return pace_ == storage::Pace::kFull; }));
    }
    return MemoryStore::Commit(rows, covered, dead_letters);
  }
  void SetPace(storage::Pace pace) override {
    const std::lock_guard lock(mutex_);
    pace_ = pace;
    changed_.notify_all();
  }
  void WaitForCommit() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(30), [&] { return commits_; }));
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  storage::Pace pace_ = storage::Pace::kFull;
  bool commits_ = false;
};

TEST(Checkpointer, WritesInSpareTimeWhatMayWait) {
  PolicyStore store;
  Reports reports;
  Checkpointer checkpointer(&store, kForever, reports.Count());
  Checkpoint checkpoint = OneRow("a", 7);
  checkpoint.in_spare_time = true;
  checkpointer.Begin(std::move(checkpoint));
  ASSERT_TRUE(reports.WaitFor(1));
  EXPECT_EQ(store.policy, SCHED_IDLE);
  EXPECT_EQ(store.pace, storage::Pace::kGentle);
  EXPECT_EQ(Rows(&store).count("a"), 1U);

  checkpointer.Begin(OneRow("b", 8));
  ASSERT_TRUE(reports.WaitFor(2));
  EXPECT_EQ(store.policy, SCHED_OTHER);
  EXPECT_EQ(store.pace, storage::Pace::kFull);
  EXPECT_EQ(Rows(&store).count("b"), 1U);
}

TEST(Checkpointer, FlushHurriesWhatIsBeingWrittenInSpareTime) {
  SlowStore store;
  Checkpointer checkpointer(&store, kForever, [] {});
  Checkpoint checkpoint = OneRow("a", 7);
  checkpoint.in_spare_time = true;
  checkpointer.Begin(std::move(checkpoint));
  store.WaitForCommit();
  EXPECT_TRUE(checkpointer.Flush().ok());
  EXPECT_EQ(Rows(&store).count("a"), 1U);
}

TEST(Checkpointer, WritesRowsPositionsAndDeadLetters) {
  storage::MemoryStore store;
  Reports reports;
  Checkpointer checkpointer(&store, kForever, reports.Count());
  Checkpoint checkpoint = OneRow("a", 7);
  checkpoint.dead_letters.push_back({{0, 3}, 1, "broken", "bytes"});
  const std::size_t bytes = checkpoint.rows.bytes();
  checkpointer.Begin(std::move(checkpoint));
  ASSERT_TRUE(reports.WaitFor(1));
  EXPECT_FALSE(checkpointer.busy());
  const Checkpointer::Progress progress = checkpointer.progress();
  EXPECT_TRUE(progress.last_try.ok());
  EXPECT_EQ(progress.covered, (core::Positions{{0, 7}}));
  EXPECT_EQ(progress.written, 1U);
  EXPECT_EQ(progress.last_bytes, bytes);
  EXPECT_EQ(Rows(&store).count("a"), 1U);
  EXPECT_EQ(*store.Covered(), (core::Positions{{0, 7}}));
  EXPECT_EQ(store.DeadLetters()->size(), 1U);
}

TEST(Checkpointer, TriesAgainUntilItIsWritten) {
  storage::MemoryStore store;
  store.FailNextCommits(core::IoError("disk full"), 3);
  Reports reports;
  Checkpointer checkpointer(&store, kShort, reports.Count());
  checkpointer.Begin(OneRow("a", 7));
  ASSERT_TRUE(reports.WaitFor(4));
  EXPECT_FALSE(checkpointer.busy());
  EXPECT_EQ(checkpointer.progress().tries, 4U);
  EXPECT_EQ(checkpointer.progress().written, 1U);
  EXPECT_TRUE(checkpointer.progress().last_try.ok());
  EXPECT_EQ(Rows(&store).size(), 1U);
}

TEST(Checkpointer, SaysWhyTheLastTryFailed) {
  storage::MemoryStore store;
  store.FailNextCommits(core::IoError("disk full"), 1);
  Reports reports;
  Checkpointer checkpointer(&store, kForever, reports.Count());
  checkpointer.Begin(OneRow("a", 7));
  ASSERT_TRUE(reports.WaitFor(1));
  EXPECT_TRUE(checkpointer.busy());
  ASSERT_FALSE(checkpointer.progress().last_try.ok());
  EXPECT_EQ(checkpointer.progress().last_try.error().message, "disk full");
  EXPECT_EQ(checkpointer.progress().written, 0U);
}

TEST(Checkpointer, FlushDoesNotWaitOutThePause) {
  storage::MemoryStore store;
  store.FailNextCommits(core::IoError("disk full"), 1);
  Reports reports;
  Checkpointer checkpointer(&store, kForever, reports.Count());
  checkpointer.Begin(OneRow("a", 7));
  ASSERT_TRUE(reports.WaitFor(1));
  EXPECT_TRUE(checkpointer.Flush().ok());
  EXPECT_FALSE(checkpointer.busy());
  EXPECT_EQ(Rows(&store).size(), 1U);
}

TEST(Checkpointer, FlushReturnsTheErrorOfAStoreThatKeepsFailing) {
  storage::MemoryStore store;
  store.FailNextCommits(core::IoError("disk full"), 1'000'000'000);
  Checkpointer checkpointer(&store, kForever, [] {});
  checkpointer.Begin(OneRow("a", 7));
  const core::Status status = checkpointer.Flush();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, core::ErrorCode::kIo);
  EXPECT_TRUE(checkpointer.busy());
}

// Whose cuts are copies in memory.
class StoreOfCuts : public storage::MemoryStore {
 public:
  core::Status Cut(const std::string& folder) override {
    cuts[folder] = Rows(this);
    return {};
  }
  std::map<std::string, std::map<std::string, std::string>> cuts;
};

TEST(Checkpointer, ACutHasWhatIsWrittenAndNoMore) {
  StoreOfCuts store;
  Reports reports;
  Checkpointer checkpointer(&store, kForever, reports.Count());
  ASSERT_TRUE(checkpointer.Cut("nothing").ok());
  checkpointer.Begin(OneRow("a", 7));
  ASSERT_TRUE(reports.WaitFor(1));
  ASSERT_TRUE(checkpointer.Cut("one").ok());
  checkpointer.Begin(OneRow("b", 8));
  ASSERT_TRUE(reports.WaitFor(2));
  EXPECT_TRUE(store.cuts["nothing"].empty());
  EXPECT_EQ(store.cuts["one"].size(), 1U);
}

TEST(Checkpointer, ACutDoesNotWaitOutThePauseAfterAFailure) {
  storage::MemoryStore store;
  store.FailNextCommits(core::IoError("disk full"), 1);
  Reports reports;
  Checkpointer checkpointer(&store, kForever, reports.Count());
  checkpointer.Begin(OneRow("a", 7));
  ASSERT_TRUE(reports.WaitFor(1));
  EXPECT_EQ(checkpointer.Cut("x").error().code, core::ErrorCode::kUnavailable);
}

TEST(Checkpointer, FlushOfNothingIsOk) {
  storage::MemoryStore store;
  Checkpointer checkpointer(&store, kForever, [] {});
  EXPECT_TRUE(checkpointer.Flush().ok());
}

TEST(Checkpointer, DestructorDoesNotWaitForAStoreThatFails) {
  storage::MemoryStore store;
  store.FailNextCommits(core::IoError("disk full"), 1'000'000'000);
  Reports reports;
  {
    Checkpointer checkpointer(&store, kForever, reports.Count());
    checkpointer.Begin(OneRow("a", 7));
    ASSERT_TRUE(reports.WaitFor(1));
  }
  EXPECT_TRUE(Rows(&store).empty());
}

// The thread once took a checkpoint begun inside its report for the failed one before, and slept.
TEST(Checkpointer, CheckpointBegunAtOnceAfterAnotherIsWrittenAtOnce) {
  storage::MemoryStore store;
  Reports reports;
  Checkpointer* self = nullptr;
  std::uint64_t next = 0;
  Checkpointer checkpointer(&store, kForever, [&, count = reports.Count()] {
    if (++next < 50) self->Begin(OneRow(std::to_string(next), next));
    count();
  });
  self = &checkpointer;
  checkpointer.Begin(OneRow("first", 0));
  ASSERT_TRUE(reports.WaitFor(50));
  EXPECT_EQ(Rows(&store).size(), 50U);
}

TEST(CheckpointPolicy, IsDueAnIntervalAfterTheFirstChange) {
  const CheckpointPolicy::Time start{hours(5)};
  CheckpointPolicy policy({.interval = milliseconds(100), .bytes = 1 << 30});
  EXPECT_FALSE(policy.IsDue(start + hours(1)));
  policy.Changed(1, start);
  policy.Changed(1, start + milliseconds(99));
  EXPECT_FALSE(policy.IsDue(start + milliseconds(99)));
  EXPECT_TRUE(policy.IsDue(start + milliseconds(100)));
  policy.Begun();
  policy.Taken(10, {}, start + milliseconds(100));
  EXPECT_FALSE(policy.IsDue(start + hours(1)));
}

TEST(CheckpointPolicy, IsDueWhenAboutSoManyBytesChanged) {
  const CheckpointPolicy::Time start{hours(5)};
  CheckpointPolicy policy({.interval = hours(1), .bytes = 10'000});
  policy.Changed(10, start);
  policy.Begun();
  policy.Taken(1000, {}, start);  // 100 bytes an entry
  policy.Changed(99, start);
  EXPECT_FALSE(policy.IsDue(start));
  policy.Changed(1, start);
  EXPECT_TRUE(policy.IsDue(start));
}

TEST(CheckpointPolicy, WhileCatchingUpSizeCountsAndNotPauses) {
  const CheckpointPolicy::Time start{hours(5)};
  CheckpointPolicy policy({.interval = milliseconds(100),
                           .bytes = 10,
                           .encoding_share = 200,
                           .longest_delay = milliseconds(5'000),
                           .catch_up_bytes = 10'000});
  policy.Changed(10, start);
  policy.Begun();
  policy.Taken(1'000, milliseconds(50),
               start + milliseconds(50));  // 100 bytes an entry, long to encode
  const CheckpointPolicy::Time taken = start + milliseconds(50);
  EXPECT_FALSE(policy.IsDueCatchingUp(taken)) << "nothing changed";
  policy.Changed(99, taken);
  EXPECT_FALSE(policy.IsDueCatchingUp(taken + milliseconds(4'999)));
  EXPECT_TRUE(policy.IsDueCatchingUp(taken + milliseconds(5'000)));
  EXPECT_FALSE(policy.IsFull());
  policy.Changed(1, taken);
  EXPECT_TRUE(policy.IsFull());
  EXPECT_TRUE(policy.IsDueCatchingUp(taken));
  EXPECT_FALSE(policy.IsDue(taken)) << "the pause was long";
  policy.CaughtUp();
  EXPECT_TRUE(policy.IsDue(taken));
  // The last of what was behind was not paused for either; what comes later is.
  const CheckpointPolicy::Time later = taken + milliseconds(60);
  policy.Begun();
  policy.Taken(1'000, milliseconds(60), later);
  policy.Changed(1, later);
  EXPECT_TRUE(policy.IsDue(later + milliseconds(100)));
  policy.Begun();
  policy.Taken(1'000, milliseconds(60), later + milliseconds(160));
  policy.Changed(1, later + milliseconds(160));
  EXPECT_FALSE(policy.IsDue(later + milliseconds(260)));
}

TEST(CheckpointPolicy, RestsSoThatEncodingIsASmallPartOfTheTime) {
  const CheckpointPolicy::Time start{hours(5)};
  CheckpointPolicy policy({.interval = milliseconds(100), .bytes = 10, .encoding_share = 200});
  policy.Changed(1, start);
  const CheckpointPolicy::Time taken = start + milliseconds(10);
  policy.Begun();
  policy.Taken(1000, taken - start, taken);
  policy.Changed(1, taken);
  EXPECT_FALSE(policy.IsDue(taken + milliseconds(1999)));
  EXPECT_TRUE(policy.IsDue(taken + milliseconds(2000)));
}

TEST(CheckpointPolicy, RestsNoLongerThanTheLongestDelay) {
  const CheckpointPolicy::Time start{hours(5)};
  CheckpointPolicy policy({.interval = milliseconds(100), .longest_delay = milliseconds(3000)});
  const CheckpointPolicy::Time taken = start + hours(1);
  policy.Begun();
  policy.Taken(1000, taken - start, taken);
  policy.Changed(1, taken);
  EXPECT_TRUE(policy.IsDue(taken + milliseconds(3000)));
}

}  // namespace
}  // namespace freshet::daemon
