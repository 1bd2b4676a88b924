// What every CheckpointStore does, on the store in memory and on RocksDB.
#include "storage/checkpoint_store.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/memory_store.h"
#include "storage/rocks_store.h"
#include "tests/unit/storage/temporary_folder.h"

namespace freshet::storage {
namespace {

using core::RowBatch;
using core::Table;
using ::testing::IsEmpty;

class MemoryHome {
 public:
  std::unique_ptr<CheckpointStore> Open(const StoreOptions& options) {
    return std::make_unique<MemoryStore>(options, contents_);
  }

 private:
  std::shared_ptr<MemoryStore::Contents> contents_ = std::make_shared<MemoryStore::Contents>();
};

class RocksHome {
 public:
  std::unique_ptr<CheckpointStore> Open(const StoreOptions& options) {
    auto store = OpenRocksStore(folder_.path() + "/state", options);
    EXPECT_TRUE(store.has_value()) << store.error().message;
    return store ? std::move(*store) : nullptr;
  }

 private:
  TemporaryFolder folder_;
};

using Rows = std::map<std::pair<Table, std::string>, std::string>;

Rows LoadRows(CheckpointStore* store) {
  Rows rows;
  const core::Status status =
      store->Load([&](Table table, std::string_view key, std::string_view value) {
        EXPECT_TRUE(rows.emplace(std::pair(table, std::string(key)), value).second);
        return core::Status();
      });
  EXPECT_TRUE(status.ok()) << status.error().message;
  return rows;
}

BadEntry Letter(std::uint64_t offset) {
  return {{0, offset}, static_cast<std::int64_t>(offset) * 10, "reason", "bytes"};
}

template <typename Home>
class CheckpointStoreTest : public ::testing::Test {
 protected:
  CheckpointStoreTest() { Open(); }

  void Open() {
    store_.reset();
    store_ = home_.Open(options_);
    ASSERT_NE(store_, nullptr);
  }

  StoreOptions options_;
  Home home_;
  std::unique_ptr<CheckpointStore> store_;
};

using Homes = ::testing::Types<MemoryHome, RocksHome>;
TYPED_TEST_SUITE(CheckpointStoreTest, Homes);

TYPED_TEST(CheckpointStoreTest, ANewStoreIsEmpty) {
  EXPECT_THAT(LoadRows(this->store_.get()), IsEmpty());
  EXPECT_THAT(*this->store_->Covered(), IsEmpty());
  EXPECT_THAT(*this->store_->DeadLetters(), IsEmpty());
}

TYPED_TEST(CheckpointStoreTest, RowsOfEveryTableAndPositionsComeBackAfterReopening) {
  RowBatch batch;
  Rows expected;
  for (std::size_t i = 0; i < core::kTableCount; ++i) {
    const auto table = static_cast<Table>(i);
    const std::string value = "value of " + std::string(core::TableName(table));
    batch.Put(table, core::SlotKey(7), value);
    batch.Put(table, std::string("a\0b", 3), "");
    expected[{table, core::SlotKey(7)}] = value;
    expected[{table, std::string("a\0b", 3)}] = "";
  }
  const core::Positions covered = {{0, 12}, {3, UINT64_MAX}};
  ASSERT_TRUE(this->store_->Commit(batch, covered, {}).ok());
  EXPECT_EQ(LoadRows(this->store_.get()), expected);
  this->Open();
  EXPECT_EQ(LoadRows(this->store_.get()), expected);
  EXPECT_EQ(*this->store_->Covered(), covered);
}

TYPED_TEST(CheckpointStoreTest, LaterCommitsReplaceAndDelete) {
  RowBatch batch;
  batch.Put(Table::kItems, "a", "1");
  batch.Put(Table::kItems, "b", "1");
  batch.Put(Table::kUsers, "a", "1");
  ASSERT_TRUE(this->store_->Commit(batch, {{0, 1}}, {}).ok());
  batch.Clear();
  batch.Put(Table::kItems, "a", "2");
  batch.Delete(Table::kItems, "b");
  batch.Delete(Table::kItems, "never there");
  ASSERT_TRUE(this->store_->Commit(batch, {{0, 2}}, {}).ok());
  this->Open();
  const Rows expected = {{{Table::kItems, "a"}, "2"}, {{Table::kUsers, "a"}, "1"}};
  EXPECT_EQ(LoadRows(this->store_.get()), expected);
  EXPECT_EQ(*this->store_->Covered(), (core::Positions{{0, 2}}));
}

TYPED_TEST(CheckpointStoreTest, LoadStopsAtTheVisitorsFirstError) {
  RowBatch batch;
  batch.Put(Table::kItems, "a", "1");
  batch.Put(Table::kItems, "b", "1");
  ASSERT_TRUE(this->store_->Commit(batch, {}, {}).ok());
  int visited = 0;
  const core::Status status = this->store_->Load([&](Table, std::string_view, std::string_view) {
    ++visited;
    return core::Status(core::Corruption("not mine"));
  });
  EXPECT_EQ(visited, 1);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "not mine");
}

TYPED_TEST(CheckpointStoreTest, DeadLettersComeBackOldestFirst) {
  const BadEntry letters[] = {Letter(5), Letter(6)};
  ASSERT_TRUE(this->store_->Commit({}, {{0, 7}}, letters).ok());
  const BadEntry later[] = {Letter(9)};
  ASSERT_TRUE(this->store_->Commit({}, {{0, 10}}, later).ok());
  this->Open();
  const auto stored = *this->store_->DeadLetters();
  ASSERT_EQ(stored.size(), 3u);
  EXPECT_EQ(stored[0].position, (core::Position{0, 5}));
  EXPECT_EQ(stored[2].position, (core::Position{0, 9}));
  EXPECT_EQ(stored[2].received_ms, 90);
  EXPECT_EQ(stored[2].reason, "reason");
  EXPECT_EQ(stored[2].bytes, "bytes");
}

TYPED_TEST(CheckpointStoreTest, TheOldestDeadLettersLeaveAtTheCap) {
  this->options_.maximum_dead_letters = 4;
  this->options_.maximum_dead_letter_bytes = 3;
  this->Open();
  for (std::uint64_t i = 0; i < 10; i += 2) {
    const BadEntry letters[] = {Letter(i), Letter(i + 1)};
    ASSERT_TRUE(this->store_->Commit({}, {{0, i + 2}}, letters).ok());
  }
  auto stored = *this->store_->DeadLetters();
  ASSERT_EQ(stored.size(), 4u);
  EXPECT_EQ(stored[0].position.offset, 6u);
  EXPECT_EQ(stored[0].bytes, "byt");
  std::vector<BadEntry> many;
  for (std::uint64_t i = 10; i < 20; ++i) many.push_back(Letter(i));
  this->Open();
  ASSERT_TRUE(this->store_->Commit({}, {{0, 20}}, many).ok());
  stored = *this->store_->DeadLetters();
  ASSERT_EQ(stored.size(), 4u);
  EXPECT_EQ(stored[0].position.offset, 16u);
  EXPECT_EQ(stored[3].position.offset, 19u);
}

TEST(MemoryStore, AFailedCommitChangesNothing) {
  MemoryStore store;
  RowBatch batch;
  batch.Put(Table::kItems, "a", "1");
  store.FailNextCommits(core::IoError("torn"));
  ASSERT_FALSE(store.Commit(batch, {{0, 1}}, {}).ok());
  EXPECT_THAT(LoadRows(&store), IsEmpty());
  ASSERT_TRUE(store.Commit(batch, {{0, 1}}, {}).ok());
  EXPECT_EQ(LoadRows(&store).size(), 1u);
}

}  // namespace
}  // namespace freshet::storage
