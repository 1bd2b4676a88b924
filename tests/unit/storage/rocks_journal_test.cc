// What is the embedded journal's own: damaged entries and files, trimming by size, a disk that is
// really full.
#include "storage/rocks_journal.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/mount.h>

#include "storage/checksum.h"
#include "storage/journal_record.h"
#include "storage/store_values.h"
#include "tests/unit/storage/damage.h"
#include "tests/unit/storage/fault_fs.h"
#include "tests/unit/storage/log_reading.h"
#include "tests/unit/storage/samples.h"
#include "tests/unit/storage/temporary_folder.h"

namespace freshet::storage {
namespace {

using ::testing::HasSubstr;

class RocksJournalTest : public ::testing::Test {
 protected:
  void Open() {
    log_.reset();
    auto log = OpenRocksJournal(path_, options_);
    ASSERT_TRUE(log.has_value()) << log.error().message;
    log_ = std::move(*log);
  }

  void AppendAndPoll(std::vector<core::LogEntry> entries) {
    LogBatch batch;
    Answer answer;
    ASSERT_TRUE(log_->Append(std::move(entries), answer.Callback()).ok());
    ASSERT_TRUE(log_->Poll(100'000, kNoWait, &batch).ok());
    ASSERT_EQ(answer.calls, 1);
    ASSERT_FALSE(answer.error) << answer.error->message;
  }

  // Puts a record as it is. REQUIRES: the journal is closed.
  void PutRecord(std::uint64_t number, const std::string& record) {
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocksdb::Options(), path_, &db).ok());
    const std::unique_ptr<rocksdb::DB> owner(db);
    ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), NumberKey(number), record).ok());
  }

  static std::string Record(std::uint64_t first, const std::vector<core::LogEntry>& entries) {
    std::vector<core::StampedEntry> stamped;
    for (const auto& entry : entries) stamped.push_back({{0, first + stamped.size()}, 1000, entry});
    std::string record;
    EncodeRecord(stamped, first, &record);
    return record;
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/journal";
  JournalOptions options_;
  std::unique_ptr<EventLog> log_;
};

TEST_F(RocksJournalTest, AnEntryThatCannotBeDecodedIsABadEntryAndTheLogGoesOn) {
  Open();
  AppendAndPoll(SampleEvents(0, 2));
  log_.reset();
  std::string record = Record(3, SampleEvents(2, 3));
  record[record.find("item3") - 1] = 100;  // the length of item_id
  const std::uint64_t sum = Checksum(std::string_view(record).substr(9), 3);
  std::memcpy(record.data() + 1, &sum, sizeof(sum));
  PutRecord(3, record);
  PutRecord(6, Record(6, SampleEvents(5, 1)));
  Open();
  LogBatch batch;
  ASSERT_TRUE(log_->Seek({}).ok());
  std::vector<std::uint64_t> read;
  std::vector<BadEntry> bad;
  do {
    ASSERT_TRUE(log_->Poll(2, kNoWait, &batch).ok());
    for (const auto& entry : batch.entries) read.push_back(entry.position.offset);
    for (const auto& entry : batch.bad) bad.push_back(entry);
  } while (!batch.entries.empty() || !batch.bad.empty());
  EXPECT_EQ(read, (std::vector<std::uint64_t>{1, 2, 3, 5, 6}));
  ASSERT_EQ(bad.size(), 1u);
  EXPECT_EQ(bad[0].position, (core::Position{0, 4}));
  EXPECT_EQ(bad[0].received_ms, 1000);
  EXPECT_THAT(bad[0].reason, HasSubstr("ends too early"));
  EXPECT_THAT(bad[0].bytes, HasSubstr("item3"));
  EXPECT_EQ(batch.next, (core::Positions{{0, 7}}));
}

TEST_F(RocksJournalTest, ADamagedRecordIsRefusedAndSalvagedWithItsNumbersLeftOut) {
  Open();
  AppendAndPoll(SampleEvents(0, 2));
  log_.reset();
  PutRecord(3, "\x02garbage");
  const auto refused = OpenRocksJournal(path_, options_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("record of entry 3 is damaged"));
  std::string said;
  options_.salvage = [&](const std::string& text) { said += text + "\n"; };
  Open();
  LogBatch batch;
  ASSERT_TRUE(log_->Poll(100, kNoWait, &batch).ok());
  EXPECT_EQ(batch.entries.size(), 2u);
  ASSERT_EQ(batch.bad.size(), 1u);
  EXPECT_EQ(batch.bad[0].position.offset, 3u);
  EXPECT_THAT(said, HasSubstr("entries 3 to 258 are missing"));
  ASSERT_TRUE(log_->Append(SampleEvents(2, 1), {}).ok());
  ASSERT_TRUE(log_->Poll(100, kNoWait, &batch).ok());
  ASSERT_EQ(batch.entries.size(), 1u);
  EXPECT_EQ(batch.entries[0].position.offset, 3u + kMaximumRecordEntries);
}

TEST_F(RocksJournalTest, TrimDropsTheOldestBeyondTheBytesToKeep) {
  options_.durability = Durability::kOs;
  options_.retention_bytes = 1 << 20;
  Open();
  for (std::size_t i = 0; i < 200; ++i) AppendAndPoll(SampleEvents(i * 1000, 1000));
  const core::Positions end = *log_->End();
  log_.reset();  // what is in memory becomes a table
  Open();
  ASSERT_TRUE(log_->Seek(end).ok());
  ASSERT_TRUE(log_->Trim(end).ok());
  EXPECT_FALSE(log_->Seek({{0, 1}}).ok());
  ASSERT_TRUE(log_->Seek({}).ok());
  const auto left = ReadAll(log_.get());
  EXPECT_LT(left.size(), 100'000u);
  EXPECT_GT(left.size(), 1000u);
}

TEST_F(RocksJournalTest, ManySmallTrimsLeaveALogThatReopens) {
  options_.retention_ms = 0;
  options_.durability = Durability::kOs;
  Open();
  for (std::size_t i = 0; i < 200; ++i) {
    AppendAndPoll(SampleEvents(i, 1));
    ASSERT_TRUE(log_->Trim(*log_->End()).ok());
  }
  Open();
  ASSERT_TRUE(log_->Seek({{0, 200}}).ok());
  EXPECT_EQ(ReadAll(log_.get()).size(), 1u);
}

// A journal whose process died while the write-ahead log held `kAcknowledged` events in two whole
// writes and one more whole write that was never synced.
class TornJournal {
 public:
  static constexpr std::size_t kAcknowledged = 20;

  TornJournal() {
    auto log = OpenRocksJournal(path(), {}, faults_.env.get());
    EXPECT_TRUE(log.has_value());
    LogBatch batch;
    for (int write = 0; write < 3; ++write) {
      if (write == 2) faults_.fs->FailNth(Fault::kSync, 1, true);
      EXPECT_TRUE((*log)->Append(SampleEvents(static_cast<std::size_t>(write) * 10, 10), {}).ok());
      EXPECT_EQ((*log)->Poll(100, kNoWait, &batch).ok(), write < 2);
    }
  }

  [[nodiscard]] std::string path() const { return folder_.path() + "/journal"; }
  // The write-ahead log that holds "item`number`".
  [[nodiscard]] std::string LogWith(int number) const {
    return FileHolding(path(), ".log", "item" + std::to_string(number));
  }

 private:
  TemporaryFolder folder_;
  FaultEnv faults_;
};

TEST(JournalDamageTest, ALastWriteThatIsWholeButWasNeverSyncedIsAnEntryLikeAnother) {
  const TornJournal torn;
  auto log = OpenRocksJournal(torn.path(), {});
  ASSERT_TRUE(log.has_value()) << log.error().message;
  EXPECT_EQ(ReadAll(log->get()).size(), TornJournal::kAcknowledged + 10);
}

TEST(JournalDamageTest, ALastWriteThatIsCutShortIsLeftOut) {
  const TornJournal torn;
  const std::string file = torn.LogWith(25);
  const std::string bytes = ReadWholeFile(file);
  WriteWholeFile(file, bytes.substr(0, bytes.find("item25")));
  auto log = OpenRocksJournal(torn.path(), {});
  ASSERT_TRUE(log.has_value()) << log.error().message;
  EXPECT_EQ(ReadAll(log->get()).size(), TornJournal::kAcknowledged);
}

TEST(JournalDamageTest, ZeroesAfterTheLastWholeWriteAreNothing) {
  const TornJournal torn;
  const std::string file = torn.LogWith(25);
  WriteWholeFile(file, ReadWholeFile(file) + std::string(100'000, '\0'));
  auto log = OpenRocksJournal(torn.path(), {});
  ASSERT_TRUE(log.has_value()) << log.error().message;
  EXPECT_EQ(ReadAll(log->get()).size(), TornJournal::kAcknowledged + 10);
}

TEST(JournalDamageTest, ADamagedWriteIsRefused) {
  const TornJournal torn;
  const std::string file = torn.LogWith(5);
  FlipByteAt(file, "item5");
  const auto log = OpenRocksJournal(torn.path(), {});
  ASSERT_FALSE(log.has_value());
  EXPECT_EQ(log.error().code, core::ErrorCode::kCorruption) << log.error().message;
  EXPECT_THAT(log.error().message, HasSubstr(file));
}

// A small file system in memory, mounted for one test; needs root.
class SmallDisk {
 public:
  explicit SmallDisk(const char* options) {
    mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, options) == 0;
    if (!mounted_) error_ = std::strerror(errno);
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] const std::string& path() const { return folder_.path(); }

  // Takes all room but `left` bytes.
  void Fill(std::uint64_t left) const {
    std::ofstream filler(path() + "/filler", std::ios::binary | std::ios::app);
    const std::string block(4096, 'x');
    while (filler && std::filesystem::space(path()).available > left) {
      filler.write(block.data(), static_cast<std::streamsize>(block.size())).flush();
    }
  }
  void MakeRoom() const { std::filesystem::remove(path() + "/filler"); }

 private:
  TemporaryFolder folder_;
  bool mounted_ = false;
  std::string error_;
};

TEST(JournalFullDiskTest, AReallyFullDiskStopsItAndRoomBringsItBackWithEverythingAcknowledged) {
  const SmallDisk disk("size=48m");
  if (!disk.mounted()) GTEST_SKIP() << "cannot mount a small tmpfs: " << disk.error();
  auto log = OpenRocksJournal(disk.path() + "/journal", {});
  ASSERT_TRUE(log.has_value()) << log.error().message;
  std::vector<core::StampedEntry> applied;
  std::size_t number = 0;
  LogBatch batch;
  core::Status status;
  for (int outage = 0; outage < 2; ++outage) {
    disk.Fill(1 << 20);
    // Writes until the disk is full, and a while longer.
    for (int failures = 0; failures < 10 && number < 1'000'000;) {
      Answer answer;
      ASSERT_TRUE((*log)->Append(SampleEvents(number, 500), answer.Callback()).ok());
      status = (*log)->Poll(1000, kNoWait, &batch);
      ASSERT_EQ(answer.calls, 1);
      ASSERT_EQ(answer.error.has_value(), !status.ok());
      applied.insert(applied.end(), batch.entries.begin(), batch.entries.end());
      number += 500;
      if (!status.ok()) {
        ++failures;
        ASSERT_EQ(status.error().code, core::ErrorCode::kExhausted) << status.error().message;
      }
    }
    ASSERT_FALSE(status.ok());
    disk.MakeRoom();
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    while (!status.ok() && std::chrono::steady_clock::now() < deadline) {
      status = (*log)->Poll(1000, std::chrono::milliseconds(50), &batch);
    }
    ASSERT_TRUE(status.ok()) << status.error().message;
    EXPECT_TRUE(batch.entries.empty());
  }
  log->reset();
  log = OpenRocksJournal(disk.path() + "/journal", {});
  ASSERT_TRUE(log.has_value()) << log.error().message;
  const auto stored = ReadAll(log->get());
  ASSERT_EQ(stored.size(), applied.size());
  for (std::size_t i = 0; i < stored.size(); ++i) {
    ASSERT_EQ(stored[i].position, applied[i].position);
    ASSERT_EQ(stored[i].entry, applied[i].entry);
  }
}

}  // namespace
}  // namespace freshet::storage
