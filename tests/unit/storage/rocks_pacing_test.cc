#include "storage/rocks_pacing.h"

#include <atomic>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "tests/unit/storage/temporary_folder.h"

namespace freshet::storage {
namespace {

constexpr int kRows = 50'000;

std::string Key(int number) { return std::to_string(1'000'000 + number); }

class RocksPacingTest : public ::testing::Test {
 protected:
  RocksPacingTest() {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.compression = rocksdb::kNoCompression;
    options.allow_concurrent_memtable_write = false;
    options.rate_limiter = PacedFiles(pacer_);
    options.writable_file_max_buffer_size = 64 << 10;  // each time it is full there may be a rest
    options.memtable_factory = PacedMemtables(pacer_);
    rocksdb::DB* db = nullptr;
    const rocksdb::Status opened = rocksdb::DB::Open(options, folder_.path(), &db);
    EXPECT_TRUE(opened.ok()) << opened.ToString();
    db_.reset(db);
  }

  // One batch, whose log is paced when it says so.
  void Write(rocksdb::Env::IOPriority priority) {
    rocksdb::WriteBatch batch;
    for (int i = 0; i < kRows; ++i) {
      ASSERT_TRUE(batch.Put(Key(i), std::string(100, 'v')).ok());
    }
    rocksdb::WriteOptions options;
    options.rate_limiter_priority = priority;
    ASSERT_TRUE(db_->Write(options, &batch).ok());
  }
  void ExpectAllRows() {
    std::string value;
    for (int i = 0; i < kRows; ++i) ASSERT_TRUE(db_->Get({}, Key(i), &value).ok()) << i;
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator({}));
    int count = 0;
    for (it->SeekToFirst(); it->Valid(); it->Next()) EXPECT_EQ(it->key(), Key(count++));
    EXPECT_EQ(count, kRows);
  }

  const TemporaryFolder folder_;
  std::atomic<int> rests_ = 0;
  const std::shared_ptr<Pacer> pacer_ =
      std::make_shared<Pacer>(1, [this](std::chrono::nanoseconds) { ++rests_; });
  std::unique_ptr<rocksdb::DB> db_;
};

TEST_F(RocksPacingTest, ABatchIsPutIntoAMemtableInBites) {
  pacer_->SetGentle(true);
  Write(rocksdb::Env::IO_TOTAL);
  // What the insertions take is many bites on any machine.
  EXPECT_GT(rests_.load(), 10);
  ExpectAllRows();
}

TEST_F(RocksPacingTest, AFlushIsWrittenInBites) {
  Write(rocksdb::Env::IO_TOTAL);
  EXPECT_EQ(rests_.load(), 0);
  pacer_->SetGentle(true);
  ASSERT_TRUE(db_->Flush({}).ok());
  EXPECT_GT(rests_.load(), 10);
  ExpectAllRows();
}

TEST_F(RocksPacingTest, WithoutGentlenessNothingRests) {
  Write(rocksdb::Env::IO_USER);
  ASSERT_TRUE(db_->Flush({}).ok());
  EXPECT_EQ(rests_.load(), 0);
  ExpectAllRows();
}

}  // namespace
}  // namespace freshet::storage
