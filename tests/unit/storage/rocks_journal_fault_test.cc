// What the embedded journal does when the disk fails: whatever was acknowledged or handed out is in
// it afterwards, once, at its position.
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/rocks_journal.h"
#include "tests/unit/storage/fault_fs.h"
#include "tests/unit/storage/log_reading.h"
#include "tests/unit/storage/samples.h"
#include "tests/unit/storage/temporary_folder.h"

namespace freshet::storage {
namespace {

constexpr std::size_t kRounds = 12;

// Rounds differ in size, so that what a refused large write left behind cannot hide under a later
// small one.
constexpr std::size_t RoundSize(std::size_t round) { return round % 2 == 0 ? 700 : 60; }

constexpr std::size_t SizeOfRounds(std::size_t count) {
  std::size_t size = 0;
  for (std::size_t round = 0; round < count; ++round) size += RoundSize(round);
  return size;
}

// A journal on a disk that fails, and what its user was told.
class FaultRun {
 public:
  explicit FaultRun(Durability durability) { options_.durability = durability; }

  void Open() {
    auto log = OpenRocksJournal(folder_.path() + "/journal", options_, faults_.env.get());
    ASSERT_TRUE(log.has_value()) << log.error().message;
    log_ = std::move(*log);
  }

  // Appends numbered events and polls, round after round; a round that fails is not repeated. Ends
  // early when the disk stays broken.
  void Work(bool until_recovered) {
    LogBatch batch;
    for (std::size_t round = 0; round < kRounds; ++round) {
      Answer answers[2];
      const std::size_t first = appended_;
      const std::size_t half = RoundSize(round) / 2;
      for (Answer& answer : answers) {
        ASSERT_TRUE(log_->Append(SampleEvents(appended_, half), answer.Callback()).ok());
        appended_ += half;
      }
      const core::Status status = log_->Poll(1000, kNoWait, &batch);
      for (std::size_t i = 0; i < 2; ++i) {
        ASSERT_EQ(answers[i].calls, 1);
        ASSERT_EQ(answers[i].error.has_value(), !status.ok());
      }
      if (status.ok()) {
        HandedOut(batch.entries);
        for (std::size_t i = first; i < appended_; ++i) acknowledged_.push_back(i);
      } else {
        ASSERT_TRUE(batch.entries.empty());
        if (!until_recovered) return;
        PollUntilHealthy();
      }
    }
  }

  void PollUntilHealthy() {
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    LogBatch batch;
    core::Status status = log_->Poll(1000, std::chrono::milliseconds(20), &batch);
    while (!status.ok() && std::chrono::steady_clock::now() < deadline) {
      status = log_->Poll(1000, std::chrono::milliseconds(20), &batch);
    }
    ASSERT_TRUE(status.ok()) << status.error().message;
    HandedOut(batch.entries);
  }

  // Reopens on a healthy disk and compares what is stored with what the user was told.
  void Check(bool refused_may_be_there) {
    log_.reset();
    faults_.fs->Heal();
    Open();
    std::map<std::uint64_t, core::LogEntry> stored;
    for (auto& entry : ReadAll(log_.get())) {
      ASSERT_TRUE(stored.emplace(entry.position.offset, std::move(entry.entry)).second);
    }
    std::vector<core::LogEntry> wanted;
    for (const std::size_t number : acknowledged_) wanted.push_back(SampleEvent(number));
    ASSERT_EQ(handed_out_.size(), wanted.size());
    auto next = wanted.begin();
    for (const auto& [position, entry] : handed_out_) {
      ASSERT_EQ(entry, *next++);
      ASSERT_TRUE(stored.contains(position)) << position;
      ASSERT_EQ(stored.at(position), entry) << position;
    }
    if (!refused_may_be_there) {
      ASSERT_EQ(stored.size(), handed_out_.size());
    }
    const std::uint64_t last = stored.empty() ? 0 : stored.rbegin()->first;
    LogBatch batch;
    ASSERT_TRUE(log_->Append(SampleEvents(appended_, 1), {}).ok());
    ASSERT_TRUE(log_->Poll(10, kNoWait, &batch).ok());
    ASSERT_EQ(batch.entries.size(), 1u);
    ASSERT_GT(batch.entries[0].position.offset, last);
  }

  FaultFs& fs() { return *faults_.fs; }
  void Close() { log_.reset(); }
  [[nodiscard]] std::size_t acknowledged() const { return acknowledged_.size(); }

 private:
  void HandedOut(const std::vector<core::StampedEntry>& entries) {
    for (const core::StampedEntry& entry : entries) {
      EXPECT_TRUE(handed_out_.emplace(entry.position.offset, entry.entry).second);
    }
  }

  TemporaryFolder folder_;
  JournalOptions options_;
  FaultEnv faults_;
  std::unique_ptr<EventLog> log_;
  std::size_t appended_ = 0;
  std::vector<std::size_t> acknowledged_;  // numbers of the events
  std::map<std::uint64_t, core::LogEntry> handed_out_;
};

struct Case {
  std::string name;
  Durability durability;
  Fault fault;
  bool no_space;

  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

class JournalFaultTest : public ::testing::TestWithParam<Case> {};

TEST_P(JournalFaultTest, RecoversFromAnyOneFailureWithExactlyWhatWasAcknowledged) {
  int struck = 0;
  for (std::uint64_t nth = 1; nth <= kRounds; nth += 2) {
    SCOPED_TRACE(nth);
    FaultRun run(GetParam().durability);
    ASSERT_NO_FATAL_FAILURE(run.Open());
    run.fs().FailNth(GetParam().fault, nth, false, GetParam().no_space);
    ASSERT_NO_FATAL_FAILURE(run.Work(true));
    if (run.fs().struck()) {
      ++struck;
      EXPECT_LT(run.acknowledged(), SizeOfRounds(kRounds));
    }
    EXPECT_GE(run.acknowledged(), SizeOfRounds(kRounds) - RoundSize(0));
    ASSERT_NO_FATAL_FAILURE(run.Check(false));
  }
  EXPECT_GT(struck, 0);
}

TEST_P(JournalFaultTest, AProcessThatDiesAtAFailureLosesNothingAcknowledged) {
  for (std::uint64_t nth = 1; nth <= kRounds; nth += 2) {
    SCOPED_TRACE(nth);
    FaultRun run(GetParam().durability);
    ASSERT_NO_FATAL_FAILURE(run.Open());
    run.fs().FailNth(GetParam().fault, nth, true, GetParam().no_space);
    ASSERT_NO_FATAL_FAILURE(run.Work(false));
    EXPECT_TRUE(run.fs().struck());
    ASSERT_NO_FATAL_FAILURE(run.Check(true));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Faults, JournalFaultTest,
    ::testing::Values(Case{"WriteNothing", Durability::kFsync, Fault::kWriteNothing, false},
                      Case{"WriteHalf", Durability::kFsync, Fault::kWriteHalf, false},
                      Case{"NoSpace", Durability::kFsync, Fault::kWriteHalf, true},
                      Case{"Sync", Durability::kFsync, Fault::kSync, false},
                      Case{"WriteHalfWithDurabilityOs", Durability::kOs, Fault::kWriteHalf, false}),
    [](const auto& param) { return param.param.name; });

TEST(JournalPowerLossTest, LosesNothingAcknowledgedWithFsync) {
  for (std::uint64_t nth = 1; nth <= kRounds; nth += 2) {
    SCOPED_TRACE(nth);
    FaultRun run(Durability::kFsync);
    ASSERT_NO_FATAL_FAILURE(run.Open());
    run.fs().FailNth(Fault::kSync, nth, true);
    ASSERT_NO_FATAL_FAILURE(run.Work(false));
    run.Close();
    run.fs().LosePower();
    ASSERT_NO_FATAL_FAILURE(run.Check(false));
    EXPECT_EQ(run.acknowledged(), SizeOfRounds(nth - 1));
  }
}

TEST(JournalFullDiskTest, SaysSoOnEachPollWhileTheDiskIsFull) {
  TemporaryFolder folder;
  FaultEnv faults;
  auto log = OpenRocksJournal(folder.path() + "/journal", {}, faults.env.get());
  ASSERT_TRUE(log.has_value()) << log.error().message;
  faults.fs->FailNth(Fault::kWriteNothing, 1, true, true);
  LogBatch batch;
  for (int i = 0; i < 5; ++i) {
    Answer answer;
    ASSERT_TRUE((*log)->Append(SampleEvents(0, 1), answer.Callback()).ok());
    const core::Status status = (*log)->Poll(10, kNoWait, &batch);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, core::ErrorCode::kExhausted) << status.error().message;
    ASSERT_TRUE(answer.error);
    EXPECT_EQ(answer.error->code, core::ErrorCode::kExhausted);
    EXPECT_TRUE(batch.entries.empty());
  }
  faults.fs->Heal();
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  core::Status status = (*log)->Poll(10, kNoWait, &batch);
  while (!status.ok() && std::chrono::steady_clock::now() < deadline) {
    status = (*log)->Poll(10, std::chrono::milliseconds(20), &batch);
  }
  ASSERT_TRUE(status.ok()) << status.error().message;
  ASSERT_TRUE((*log)->Append(SampleEvents(0, 1), {}).ok());
  EXPECT_EQ(ReadAll(log->get()).size(), 1u);
}

}  // namespace
}  // namespace freshet::storage
