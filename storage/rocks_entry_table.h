// RocksEntryTable: the journal's entries in a RocksDB database. See rocks_journal.h for what holds
// when writes fail.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "storage/end_mark.h"
#include "storage/entry_table.h"
#include "storage/options.h"
#include "storage/pacer.h"
#include "storage/received_clock.h"
#include "storage/rocks_open.h"

namespace freshet::storage {

class RocksEntryTable : public EntryTable {
 public:
  static core::Result<std::unique_ptr<RocksEntryTable>> Open(const std::string& path,
                                                             const JournalOptions& options,
                                                             rocksdb::Env* env,
                                                             Clocks::Source monotonic_us);

  ~RocksEntryTable() override;
  RocksEntryTable(const RocksEntryTable&) = delete;
  RocksEntryTable& operator=(const RocksEntryTable&) = delete;

  [[nodiscard]] std::uint64_t first() const override { return first_; }
  [[nodiscard]] std::uint64_t next() const override { return next_; }
  [[nodiscard]] std::int64_t last_received_ms() const override { return last_received_ms_; }

  core::Status Write(std::span<const core::StampedEntry> entries) override;
  core::Result<std::uint64_t> Read(std::uint64_t from, std::size_t maximum,
                                   LogBatch* batch) override;
  core::Status SkipTo(std::uint64_t next) override;
  core::Status Trim(std::uint64_t covered, std::int64_t now_ms) override;
  core::Status Recover() override;
  [[nodiscard]] bool readable() const override { return database_ != nullptr; }
  [[nodiscard]] std::optional<std::int64_t> idle_us() const override { return idle_us_; }

 private:
  struct StoredRecord {
    std::uint64_t number;
    std::int64_t received_ms;
  };
  using MonotonicTime = std::chrono::steady_clock::time_point;

  RocksEntryTable(const std::string& path, const JournalOptions& options, rocksdb::Env* env,
                  Clocks::Source monotonic_us);

  core::Status OpenMark();
  core::Status Inspect();
  core::Status OpenDatabase();
  core::Status OpenOrBeginAnew();
  core::Status AdoptBounds();
  core::Status ReadBounds();
  core::Status CheckBounds();
  core::Status CheckJoints();
  core::Status PassUnreadable(LogBatch* batch);
  void SkipUnreadable(std::uint64_t bad);
  core::Status Missing(std::uint64_t from, std::uint64_t to, const std::string& why,
                       LogBatch* batch = nullptr);
  core::Status Mark(const Reach& reach);
  core::Status CheckFolder();
  core::Status DropRefused();
  void Break(core::Error error);
  core::Result<std::uint64_t> CutByAge(std::uint64_t covered, std::int64_t now_ms);
  core::Result<std::uint64_t> CutBySize(std::uint64_t covered);
  core::Status Drop(std::uint64_t before);
  std::unique_ptr<rocksdb::Iterator> NewIterator(std::size_t readahead_bytes = 0) const;
  core::Result<StoredRecord> RecordAt(std::uint64_t number) const;
  // Sets `it` to the record that holds `number`, or else to the next after it.
  void SeekRecord(rocksdb::Iterator* it, std::uint64_t number) const;

  const JournalOptions options_;
  const std::shared_ptr<Pacer> pacer_;
  const RocksOpening opening_;

  const Clocks::Source monotonic_us_;
  std::optional<EndMark> mark_;
  std::optional<std::int64_t> idle_us_;
  bool end_may_be_lost_ = false;   // by a power cut: it was not synced
  std::uint64_t reported_to_ = 0;  // what is missing before this number has been reported

  std::unique_ptr<RocksDatabase> database_;  // null while broken
  core::Error failure_;                      // why it is broken
  MonotonicTime next_recovery_;
  MonotonicTime next_folder_check_;
  core::Status folder_status_;  // at the last check

  std::uint64_t first_ = 1;
  std::uint64_t next_ = 1;
  std::uint64_t written_to_ = 1;  // the number after the newest entry written; SkipTo leaves it
  std::int64_t first_received_ms_ = 0;
  std::int64_t last_received_ms_ = 0;
  std::uint64_t drops_ = 0;

  // Replay reads on with one iterator, so that its readahead is not thrown away; standing at the
  // record that holds read_next_.
  std::unique_ptr<rocksdb::Iterator> reader_;
  std::uint64_t read_next_ = 0;
  std::uint64_t record_end_ = 0;  // of the record read before; 0: none since the iterator was set

  rocksdb::WriteBatch write_batch_;  // kept for their memory
  std::string record_;
};

}  // namespace freshet::storage
