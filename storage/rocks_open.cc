#include "storage/rocks_open.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include <rocksdb/env.h>
#include <rocksdb/table.h>

#include "storage/rocks_status.h"

namespace freshet::storage {
namespace {

using rocksdb::WALRecoveryMode;

// RocksDB takes a folder without CURRENT for a new database and would begin afresh beside the old
// files. A folder in which CURRENT was never written has no table and no write-ahead log yet.
core::Status CheckCurrent(const std::string& path) {
  std::error_code error;
  if (std::filesystem::exists(path + "/CURRENT", error)) return {};
  std::filesystem::directory_iterator it(path, error);
  if (error) return {};
  for (; it != std::filesystem::directory_iterator(); it.increment(error)) {
    if (error) return core::IoError(path + ": " + error.message());
    const std::string extension = it->path().extension();
    if (extension == ".sst" || extension == ".log") {
      return core::Corruption(path + "/CURRENT is missing, but " + it->path().filename().string() +
                              " is there");
    }
  }
  return {};
}

rocksdb::Status TryOpen(const RocksOpening& opening, WALRecoveryMode mode, bool read_only,
                        std::unique_ptr<RocksDatabase>* database) {
  rocksdb::DBOptions options(opening.options);
  options.wal_recovery_mode = mode;
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  const rocksdb::Status status =
      read_only
          ? rocksdb::DB::OpenForReadOnly(options, opening.path, opening.families, &families, &db)
          : rocksdb::DB::Open(options, opening.path, opening.families, &families, &db);
  if (status.ok()) {
    *database =
        std::make_unique<RocksDatabase>(std::unique_ptr<rocksdb::DB>(db), std::move(families));
  }
  return status;
}

core::Result<std::uint64_t> LastWrite(const RocksOpening& opening, WALRecoveryMode mode) {
  std::unique_ptr<RocksDatabase> database;
  FRESHET_RETURN_IF_ERROR(FromRocksStatus(TryOpen(opening, mode, true, &database)));
  return opening.last_write(*database);
}

// True when nothing whole stands behind the damage in the write-ahead log: it is a write that was
// under way when the machine stopped.
bool OnlyLastWriteIsTorn(const RocksOpening& opening) {
  if (!opening.writes_are_synced) return true;
  const auto up_to_damage = LastWrite(opening, WALRecoveryMode::kPointInTimeRecovery);
  const auto beyond_damage = LastWrite(opening, WALRecoveryMode::kSkipAnyCorruptedRecords);
  return up_to_damage && beyond_damage && *up_to_damage == *beyond_damage;
}

}  // namespace

RocksDatabase::~RocksDatabase() {
  for (rocksdb::ColumnFamilyHandle* family : families_) {
    db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
}

rocksdb::Options CommonOptions(rocksdb::Env* env) {
  rocksdb::Options options;
  if (env != nullptr) options.env = env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_background_jobs = 2;
  options.compression = rocksdb::kNoCompression;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.max_log_file_size = 1 << 20;
  options.keep_log_file_num = 4;
  options.max_manifest_file_size = 16 << 20;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  // Spreads the write-out of tables, so that the sync of an acknowledgement does not wait for it.
  options.bytes_per_sync = 1 << 20;
  rocksdb::BlockBasedTableOptions table;
  table.no_block_cache = true;  // everything is read in order and once
  table.block_size = 64 << 10;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

core::Result<std::unique_ptr<RocksDatabase>> OpenRocks(const RocksOpening& opening) {
  FRESHET_RETURN_IF_ERROR(CheckCurrent(opening.path));
  std::unique_ptr<RocksDatabase> database;
  rocksdb::Status status =
      TryOpen(opening, WALRecoveryMode::kTolerateCorruptedTailRecords, false, &database);
  if (status.IsCorruption() && OnlyLastWriteIsTorn(opening)) {
    status = TryOpen(opening, WALRecoveryMode::kPointInTimeRecovery, false, &database);
  }
  if (!status.ok()) return FromRocks(status);
  return database;
}

}  // namespace freshet::storage
