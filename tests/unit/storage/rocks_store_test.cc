// What the checkpoint store does when the disk fails or its files are damaged: it holds one whole
// checkpoint, the old or the new, or it refuses to open.
#include "storage/rocks_store.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "tests/unit/storage/fault_fs.h"
#include "tests/unit/storage/temporary_folder.h"

namespace freshet::storage {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kCheckpoints = 6;
constexpr std::uint32_t kRowsEach = 50;

// Checkpoint `number` covers {0: number}: rows 0 to number * kRowsEach, all of value `number`.
void AddCheckpoint(std::uint64_t number, core::RowBatch* rows) {
  rows->Clear();
  for (std::uint32_t slot = 0; slot < number * kRowsEach; ++slot) {
    rows->Put(slot % 2 == 0 ? core::Table::kItems : core::Table::kHistories, core::SlotKey(slot),
              std::to_string(number));
  }
}

BadEntry Letter(std::uint64_t offset) { return {{0, offset}, 0, "reason", "bytes"}; }

// The number of the checkpoint in the store. Fails the test when it is a mixture.
std::uint64_t WholeCheckpoint(CheckpointStore* store) {
  const auto covered = store->Covered();
  EXPECT_TRUE(covered.has_value());
  const std::uint64_t number = covered->empty() ? 0 : covered->at(0);
  std::uint64_t rows = 0;
  const core::Status status =
      store->Load([&](core::Table, std::string_view, std::string_view value) {
        EXPECT_EQ(value, std::to_string(number));
        ++rows;
        return core::Status();
      });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(rows, number * kRowsEach);
  const auto letters = store->DeadLetters();
  EXPECT_TRUE(letters.has_value());
  EXPECT_EQ(letters->size(), number);
  for (std::uint64_t i = 0; i < letters->size(); ++i) EXPECT_EQ((*letters)[i].position.offset, i);
  return number;
}

class StoreFaultTest : public ::testing::TestWithParam<Fault> {
 protected:
  std::unique_ptr<CheckpointStore> Open() {
    auto store = OpenRocksStore(folder_.path() + "/state", {}, faults_.env.get());
    EXPECT_TRUE(store.has_value()) << store.error().message;
    return store ? std::move(*store) : nullptr;
  }

  TemporaryFolder folder_;
  FaultEnv faults_;
};

TEST_P(StoreFaultTest, AFailedCommitMayBeRepeatedTogetherWithLaterRows) {
  for (std::uint64_t nth = 1; nth <= kCheckpoints; ++nth) {
    SCOPED_TRACE(nth);
    std::filesystem::remove_all(folder_.path() + "/state");
    auto store = Open();
    ASSERT_NE(store, nullptr);
    faults_.fs->FailNth(GetParam(), nth, false);
    core::RowBatch rows;
    std::vector<BadEntry> letters;
    int failures = 0;
    for (std::uint64_t number = 1; number <= kCheckpoints; ++number) {
      AddCheckpoint(number, &rows);
      letters.push_back(Letter(number - 1));
      if (store->Commit(rows, {{0, number}}, letters).ok()) {
        letters.clear();
        EXPECT_EQ(WholeCheckpoint(store.get()), number);
      } else {
        ++failures;
        const std::uint64_t whole = WholeCheckpoint(store.get());
        EXPECT_TRUE(whole == number || whole == number - 1);
      }
    }
    EXPECT_TRUE(faults_.fs->struck());
    EXPECT_EQ(failures, 1);
    if (!letters.empty()) {
      AddCheckpoint(kCheckpoints, &rows);
      ASSERT_TRUE(store->Commit(rows, {{0, kCheckpoints}}, letters).ok());
    }
    store.reset();
    store = Open();
    ASSERT_NE(store, nullptr);
    EXPECT_EQ(WholeCheckpoint(store.get()), kCheckpoints);
  }
}

TEST_P(StoreFaultTest, AProcessThatDiesAtAFailureLeavesOneWholeCheckpoint) {
  for (std::uint64_t nth = 1; nth <= kCheckpoints; ++nth) {
    SCOPED_TRACE(nth);
    std::filesystem::remove_all(folder_.path() + "/state");
    auto store = Open();
    ASSERT_NE(store, nullptr);
    faults_.fs->FailNth(GetParam(), nth, true);
    core::RowBatch rows;
    std::uint64_t committed = 0;
    for (std::uint64_t number = 1; number <= kCheckpoints; ++number) {
      AddCheckpoint(number, &rows);
      const BadEntry letter = Letter(number - 1);
      if (!store->Commit(rows, {{0, number}}, {&letter, 1}).ok()) break;
      committed = number;
    }
    store.reset();
    faults_.fs->Heal();
    store = Open();
    ASSERT_NE(store, nullptr);
    const std::uint64_t whole = WholeCheckpoint(store.get());
    EXPECT_TRUE(whole == committed || whole == committed + 1) << whole << " " << committed;
  }
}

std::string FaultName(const ::testing::TestParamInfo<Fault>& fault) {
  switch (fault.param) {
    case Fault::kWriteNothing:
      return "WriteNothing";
    case Fault::kWriteHalf:
      return "WriteHalf";
    case Fault::kSync:
      return "Sync";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(Faults, StoreFaultTest,
                         ::testing::Values(Fault::kWriteNothing, Fault::kWriteHalf, Fault::kSync),
                         FaultName);

class RocksStoreTest : public ::testing::Test {
 protected:
  // Opens the database as it is, with its families, for the test to spoil.
  void Spoil(const std::function<rocksdb::Status(rocksdb::DB*)>& change) {
    ASSERT_TRUE(OpenRocksStore(path_, {}).has_value());
    std::vector<std::string> names;
    ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, path_, &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, path_, families, &handles, &db).ok());
    EXPECT_TRUE(change(db).ok());
    for (auto* handle : handles) ASSERT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
    delete db;
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/state";
};

TEST_F(RocksStoreTest, AnotherFormatVersionIsRefused) {
  Spoil([](rocksdb::DB* db) { return db->Put(rocksdb::WriteOptions(), "format", "3"); });
  const auto store = OpenRocksStore(path_, {});
  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().code, core::ErrorCode::kCorruption);
  EXPECT_THAT(store.error().message, HasSubstr("format version 3"));
}

TEST_F(RocksStoreTest, ACutHasTheLastCheckpointAndStaysAsItIs) {
  auto opened = OpenRocksStore(path_, {});
  ASSERT_TRUE(opened.has_value());
  CheckpointStore& store = **opened;
  core::RowBatch rows;
  const std::string cut_path = folder_.path() + "/cut/state";
  std::filesystem::create_directory(folder_.path() + "/cut");
  for (std::uint64_t number = 1; number <= 3; ++number) {
    AddCheckpoint(number, &rows);
    const BadEntry letter = Letter(number - 1);
    ASSERT_TRUE(store.Commit(rows, {{0, number}}, {&letter, 1}).ok());
    if (number != 2) continue;
    const core::Status status = store.Cut(cut_path);
    ASSERT_TRUE(status.ok()) << status.error().message;
  }
  {
    const auto cut = OpenRocksStore(cut_path, {});
    ASSERT_TRUE(cut.has_value()) << cut.error().message;
    EXPECT_EQ(WholeCheckpoint(cut->get()), 2U);
    AddCheckpoint(5, &rows);
    ASSERT_TRUE((*cut)->Commit(rows, {{0, 5}}, {}).ok());
  }
  EXPECT_EQ(WholeCheckpoint(&store), 3U) << "nobody writes to what both have";
  EXPECT_FALSE(store.Cut(cut_path).ok()) << "it is there already";
}

TEST_P(StoreFaultTest, NothingIsCutOffAfterAFailedCommit) {
  auto store = Open();
  ASSERT_NE(store, nullptr);
  faults_.fs->FailNth(GetParam(), 1, true);
  core::RowBatch rows;
  AddCheckpoint(1, &rows);
  ASSERT_FALSE(store->Commit(rows, {{0, 1}}, {}).ok());
  const core::Status cut = store->Cut(folder_.path() + "/cut");
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().code, core::ErrorCode::kUnavailable);
  faults_.fs->Heal();
}

TEST_F(RocksStoreTest, ATableOfALaterVersionIsRefused) {
  Spoil([](rocksdb::DB* db) {
    rocksdb::ColumnFamilyHandle* family = nullptr;
    const rocksdb::Status status = db->CreateColumnFamily({}, "factors", &family);
    if (status.ok()) db->DestroyColumnFamilyHandle(family).PermitUncheckedError();
    return status;
  });
  const auto store = OpenRocksStore(path_, {});
  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().code, core::ErrorCode::kCorruption);
  EXPECT_THAT(store.error().message, HasSubstr("\"factors\""));
}

}  // namespace
}  // namespace freshet::storage
