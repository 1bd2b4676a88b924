// What every EventLog does, on the log in memory and on the embedded journal.
#include "storage/event_log.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/memory_log.h"
#include "storage/rocks_journal.h"
#include "tests/unit/storage/log_reading.h"
#include "tests/unit/storage/samples.h"
#include "tests/unit/storage/temporary_folder.h"

namespace freshet::storage {
namespace {

using ::testing::HasSubstr;

// A home is a place where a log can be opened again and again, with a clock the test sets.
class MemoryHome {
 public:
  std::unique_ptr<EventLog> Open(const JournalOptions& options) {
    return std::make_unique<MemoryLog>(options, disk_, Clocks([this] { return now_ms_.load(); }));
  }
  std::atomic<std::int64_t> now_ms_ = 1'000'000;

 private:
  std::shared_ptr<MemoryEntries> disk_ = std::make_shared<MemoryEntries>();
};

class RocksHome {
 public:
  std::unique_ptr<EventLog> Open(const JournalOptions& options) {
    auto log = OpenRocksJournal(folder_.path() + "/journal", options, nullptr,
                                Clocks([this] { return now_ms_.load(); }));
    EXPECT_TRUE(log.has_value()) << log.error().message;
    return log ? std::move(*log) : nullptr;
  }
  std::atomic<std::int64_t> now_ms_ = 1'000'000;

 private:
  TemporaryFolder folder_;
};

template <typename Home>
class EventLogTest : public ::testing::Test {
 protected:
  EventLogTest() { Open(); }

  void Open() {
    log_.reset();
    log_ = home_.Open(options_);
    ASSERT_NE(log_, nullptr);
  }

  // Appends and polls once; the entries of that poll.
  std::vector<core::StampedEntry> AppendAndPoll(std::vector<core::LogEntry> entries) {
    Answer answer;
    EXPECT_TRUE(log_->Append(std::move(entries), answer.Callback()).ok());
    LogBatch batch;
    EXPECT_TRUE(log_->Poll(100'000, kNoWait, &batch).ok());
    EXPECT_EQ(answer.calls, 1);
    EXPECT_FALSE(answer.error);
    return std::move(batch.entries);
  }

  void Fill(std::size_t count, std::size_t per_append = 100) {
    for (std::size_t i = 0; i < count; i += per_append) {
      AppendAndPoll(SampleEvents(i, std::min(per_append, count - i)));
    }
  }

  JournalOptions options_;
  Home home_;
  std::unique_ptr<EventLog> log_;
};

using Homes = ::testing::Types<MemoryHome, RocksHome>;
TYPED_TEST_SUITE(EventLogTest, Homes);

void ExpectSame(const std::vector<core::StampedEntry>& left,
                const std::vector<core::StampedEntry>& right) {
  ASSERT_EQ(left.size(), right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    ASSERT_EQ(left[i].position, right[i].position) << i;
    ASSERT_EQ(left[i].received_ms, right[i].received_ms) << i;
    ASSERT_EQ(left[i].entry, right[i].entry) << i;
  }
}

TYPED_TEST(EventLogTest, ANewLogIsEmpty) {
  EXPECT_TRUE(ReadAll(this->log_.get()).empty());
  EXPECT_EQ(*this->log_->End(), (core::Positions{{0, 1}}));
}

TYPED_TEST(EventLogTest, PollBringsWhatWasAppendedInOrder) {
  const auto first = SampleEvents(0, 3);
  const auto second = SampleEvents(3, 2);
  Answer one;
  Answer two;
  ASSERT_TRUE(this->log_->Append(first, one.Callback()).ok());
  ASSERT_TRUE(this->log_->Append(second, two.Callback()).ok());
  EXPECT_EQ(one.calls, 0);
  const auto entries = ReadAll(this->log_.get());
  ASSERT_EQ(entries.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(entries[i].entry, SampleEvent(i));
    EXPECT_EQ(entries[i].position, (core::Position{0, i + 1}));
    EXPECT_EQ(entries[i].received_ms, 1'000'000);
  }
  EXPECT_EQ(one.calls, 1);
  EXPECT_EQ(two.calls, 1);
  EXPECT_EQ(one.positions, (core::Positions{{0, 4}}));
  EXPECT_EQ(two.positions, (core::Positions{{0, 6}}));
  EXPECT_EQ(*this->log_->End(), (core::Positions{{0, 6}}));
}

TYPED_TEST(EventLogTest, EveryKindOfEntryComesBack) {
  std::vector<core::LogEntry> entries;
  for (const auto& [name, entry] : NamedEntries()) entries.push_back(entry);
  this->AppendAndPoll(entries);
  this->Open();
  const auto read = ReadAll(this->log_.get());
  ASSERT_EQ(read.size(), entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(read[i].entry, entries[i]);
}

TYPED_TEST(EventLogTest, AnAppendLargerThanAPollIsAcknowledgedWholeAndReadInParts) {
  Answer answer;
  ASSERT_TRUE(this->log_->Append(SampleEvents(0, 1000), answer.Callback()).ok());
  LogBatch batch;
  ASSERT_TRUE(this->log_->Poll(300, kNoWait, &batch).ok());
  EXPECT_EQ(batch.entries.size(), 300u);
  EXPECT_EQ(batch.next, (core::Positions{{0, 301}}));
  EXPECT_EQ(answer.positions, (core::Positions{{0, 1001}}));
  EXPECT_EQ(ReadAll(this->log_.get(), 300).size(), 700u);
  EXPECT_EQ(answer.calls, 1);
}

TYPED_TEST(EventLogTest, AnEmptyAppendIsAcknowledged) {
  Answer answer;
  ASSERT_TRUE(this->log_->Append({}, answer.Callback()).ok());
  EXPECT_TRUE(ReadAll(this->log_.get()).empty());
  EXPECT_EQ(answer.calls, 1);
  EXPECT_FALSE(answer.error);
}

TYPED_TEST(EventLogTest, AnAppendNeedsNoCallback) {
  ASSERT_TRUE(this->log_->Append(SampleEvents(0, 1), {}).ok());
  EXPECT_EQ(ReadAll(this->log_.get()).size(), 1u);
}

TYPED_TEST(EventLogTest, SeekReplaysTheSamePositionsAndTimes) {
  std::vector<core::StampedEntry> live;
  for (std::size_t i = 0; i < 20; ++i) {
    this->home_.now_ms_ += 7;
    for (auto& entry : this->AppendAndPoll(SampleEvents(i * 50, 50))) {
      live.push_back(std::move(entry));
    }
  }
  ASSERT_TRUE(this->log_->Seek({}).ok());
  ExpectSame(ReadAll(this->log_.get(), 33), live);
  for (const std::uint64_t from : {1u, 2u, 50u, 51u, 512u, 1000u, 1001u}) {
    ASSERT_TRUE(this->log_->Seek({{0, from}}).ok());
    ExpectSame(ReadAll(this->log_.get(), 256),
               {live.begin() + static_cast<std::ptrdiff_t>(from - 1), live.end()});
  }
}

TYPED_TEST(EventLogTest, EntriesAppendedDuringReplayComeAfterIt) {
  this->Fill(500);
  ASSERT_TRUE(this->log_->Seek({}).ok());
  Answer answer;
  ASSERT_TRUE(this->log_->Append(SampleEvents(500, 3), answer.Callback()).ok());
  const auto all = ReadAll(this->log_.get(), 64);
  ASSERT_EQ(all.size(), 503u);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].position.offset, i + 1);
    EXPECT_EQ(all[i].entry, SampleEvent(i));
  }
  EXPECT_EQ(answer.positions, (core::Positions{{0, 504}}));
}

TYPED_TEST(EventLogTest, AReplayLeftHalfwayDoesNotHideWhatIsWrittenLater) {
  this->Fill(500);
  ASSERT_TRUE(this->log_->Seek({}).ok());
  LogBatch batch;
  ASSERT_TRUE(this->log_->Poll(64, kNoWait, &batch).ok());
  const core::Positions halfway = batch.next;
  ASSERT_TRUE(this->log_->Seek(*this->log_->End()).ok());
  this->AppendAndPoll(SampleEvents(500, 100));
  ASSERT_TRUE(this->log_->Seek(halfway).ok());
  EXPECT_EQ(ReadAll(this->log_.get()).size(), 600u - 64u);
}

TYPED_TEST(EventLogTest, AReopenedLogHasEverythingAndNumbersOn) {
  this->home_.now_ms_ = 5'000'000;
  this->Fill(300);
  this->Open();
  EXPECT_EQ(*this->log_->End(), (core::Positions{{0, 301}}));
  ASSERT_TRUE(this->log_->Seek({{0, 301}}).ok());
  const auto entries = this->AppendAndPoll(SampleEvents(300, 1));
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].position, (core::Position{0, 301}));
  ASSERT_TRUE(this->log_->Seek({}).ok());
  EXPECT_EQ(ReadAll(this->log_.get()).size(), 301u);
}

TYPED_TEST(EventLogTest, ReceivedTimesNeverDecrease) {
  this->home_.now_ms_ = 5'000'000;
  this->Fill(1);
  this->home_.now_ms_ = 4'000'000;
  EXPECT_EQ(this->AppendAndPoll(SampleEvents(1, 1))[0].received_ms, 5'000'000);
  this->Open();
  ASSERT_TRUE(this->log_->Seek({{0, 3}}).ok());
  EXPECT_EQ(this->AppendAndPoll(SampleEvents(2, 1))[0].received_ms, 5'000'000);
  this->home_.now_ms_ = 6'000'000;
  EXPECT_EQ(this->AppendAndPoll(SampleEvents(3, 1))[0].received_ms, 6'000'000);
}

TYPED_TEST(EventLogTest, AFullQueueRefusesAtOnce) {
  this->options_.maximum_queued_entries = 10;
  this->Open();
  Answer first;
  Answer refused;
  ASSERT_TRUE(this->log_->Append(SampleEvents(0, 8), first.Callback()).ok());
  const core::Status status = this->log_->Append(SampleEvents(8, 3), refused.Callback());
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, core::ErrorCode::kOverloaded);
  EXPECT_EQ(refused.calls, 0);
  EXPECT_EQ(ReadAll(this->log_.get()).size(), 8u);
  EXPECT_TRUE(this->log_->Append(SampleEvents(8, 3), refused.Callback()).ok());
  EXPECT_EQ(ReadAll(this->log_.get()).size(), 3u);
  EXPECT_EQ(refused.calls, 1);
}

TYPED_TEST(EventLogTest, AnAppendLargerThanTheQueueIsTakenAlone) {
  this->options_.maximum_queued_entries = 10;
  this->Open();
  EXPECT_EQ(this->AppendAndPoll(SampleEvents(0, 50)).size(), 50u);
}

TYPED_TEST(EventLogTest, ThreadsAppendSideBySideAndEachAppendStaysTogether) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kAppends = 200;
  constexpr std::size_t kEntries = 3;
  std::atomic<std::size_t> acknowledged = 0;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < kAppends; ++i) {
        const auto status =
            this->log_->Append(SampleEvents((t * kAppends + i) * kEntries, kEntries),
                               [&](const core::Result<core::Positions>& result) {
                                 if (result) ++acknowledged;
                               });
        EXPECT_TRUE(status.ok());
      }
    });
  }
  std::vector<core::StampedEntry> all;
  LogBatch batch;
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (all.size() < kThreads * kAppends * kEntries &&
         std::chrono::steady_clock::now() < deadline) {
    ASSERT_TRUE(this->log_->Poll(256, std::chrono::milliseconds(100), &batch).ok());
    for (auto& entry : batch.entries) all.push_back(std::move(entry));
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(all.size(), kThreads * kAppends * kEntries);
  EXPECT_EQ(acknowledged, kThreads * kAppends);
  std::vector<std::size_t> last(kThreads, 0);
  for (std::size_t i = 0; i < all.size(); i += kEntries) {
    EXPECT_EQ(all[i].position.offset, i + 1);
    const std::string& item = std::get<core::Event>(all[i].entry).item_id;
    const std::size_t number = std::stoul(item.substr(4));
    EXPECT_EQ(number % kEntries, 0u);
    EXPECT_EQ(all[i + 1].entry, SampleEvent(number + 1));
    EXPECT_EQ(all[i + 2].entry, SampleEvent(number + 2));
    const std::size_t thread = number / (kAppends * kEntries);
    EXPECT_GE(number + 1, last[thread]);
    last[thread] = number + 1;
  }
}

TYPED_TEST(EventLogTest, InterruptWakesAPollThatWaits) {
  auto poll = std::async(std::launch::async, [&] {
    LogBatch batch;
    return this->log_->Poll(10, std::chrono::hours(1), &batch).ok() && batch.entries.empty();
  });
  this->log_->Interrupt();
  ASSERT_EQ(poll.wait_for(kDeadline), std::future_status::ready);
  EXPECT_TRUE(poll.get());
}

TYPED_TEST(EventLogTest, AnAppendWakesAPollThatWaits) {
  auto poll = std::async(std::launch::async, [&] {
    LogBatch batch;
    return this->log_->Poll(10, std::chrono::hours(1), &batch).ok() && batch.entries.size() == 1;
  });
  ASSERT_TRUE(this->log_->Append(SampleEvents(0, 1), {}).ok());
  ASSERT_EQ(poll.wait_for(kDeadline), std::future_status::ready);
  EXPECT_TRUE(poll.get());
}

TYPED_TEST(EventLogTest, CloseFailsWhatIsQueuedAndRefusesMore) {
  Answer queued;
  Answer refused;
  ASSERT_TRUE(this->log_->Append(SampleEvents(0, 1), queued.Callback()).ok());
  this->log_->Close();
  EXPECT_EQ(queued.calls, 1);
  ASSERT_TRUE(queued.error);
  EXPECT_EQ(queued.error->code, core::ErrorCode::kUnavailable);
  const core::Status status = this->log_->Append(SampleEvents(1, 1), refused.Callback());
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, core::ErrorCode::kUnavailable);
  EXPECT_EQ(refused.calls, 0);
  EXPECT_TRUE(ReadAll(this->log_.get()).empty());
}

TYPED_TEST(EventLogTest, DestructionFailsWhatIsQueued) {
  Answer queued;
  ASSERT_TRUE(this->log_->Append(SampleEvents(0, 1), queued.Callback()).ok());
  this->log_.reset();
  EXPECT_EQ(queued.calls, 1);
  EXPECT_TRUE(queued.error);
}

TYPED_TEST(EventLogTest, TrimKeepsWhatRetentionKeeps) {
  this->Fill(1000);
  ASSERT_TRUE(this->log_->Trim({{0, 1001}}).ok());
  ASSERT_TRUE(this->log_->Seek({}).ok());
  EXPECT_EQ(ReadAll(this->log_.get()).size(), 1000u);
}

TYPED_TEST(EventLogTest, TrimDropsWhatIsCoveredAndOld) {
  this->options_.retention_ms = 1000;
  this->Open();
  this->Fill(500);
  this->home_.now_ms_ += 5000;
  this->Fill(500);
  ASSERT_TRUE(this->log_->Trim({{0, 1001}}).ok());
  const core::Status status = this->log_->Seek({{0, 499}});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, core::ErrorCode::kInvalidArgument);
  EXPECT_THAT(status.error().message, HasSubstr("499"));
  EXPECT_THAT(status.error().message, HasSubstr("501"));
  ASSERT_TRUE(this->log_->Seek({}).ok());
  EXPECT_EQ(ReadAll(this->log_.get()).front().position.offset, 501u);
  this->Open();
  EXPECT_FALSE(this->log_->Seek({{0, 499}}).ok());
  EXPECT_EQ(ReadAll(this->log_.get()).size(), 500u);
}

TYPED_TEST(EventLogTest, TrimNeverDropsWhatIsNotCovered) {
  this->options_.retention_ms = 0;
  this->Open();
  this->Fill(1000);
  ASSERT_TRUE(this->log_->Trim({{0, 301}}).ok());
  ASSERT_TRUE(this->log_->Seek({{0, 301}}).ok());
  EXPECT_EQ(ReadAll(this->log_.get()).size(), 700u);
  EXPECT_FALSE(this->log_->Seek({{0, 200}}).ok());
}

TYPED_TEST(EventLogTest, ATrimmedLogNumbersOnAfterReopening) {
  this->options_.retention_ms = 0;
  this->Open();
  this->Fill(1000);
  ASSERT_TRUE(this->log_->Trim({{0, 1001}}).ok());
  this->Open();
  EXPECT_EQ(*this->log_->End(), (core::Positions{{0, 1001}}));
}

TYPED_TEST(EventLogTest, APositionBeyondTheEndIsNeverGivenTwice) {
  this->options_.salvage = [](const std::string&) {};
  this->Open();
  this->Fill(10);
  ASSERT_TRUE(this->log_->Seek({{0, 101}}).ok());
  EXPECT_TRUE(ReadAll(this->log_.get()).empty());
  const auto entries = this->AppendAndPoll(SampleEvents(10, 1));
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].position.offset, 101u);
  this->Open();
  const auto all = ReadAll(this->log_.get());
  ASSERT_EQ(all.size(), 11u);
  EXPECT_EQ(all[9].position.offset, 10u);
  EXPECT_EQ(all[10].position.offset, 101u);
}

}  // namespace
}  // namespace freshet::storage
