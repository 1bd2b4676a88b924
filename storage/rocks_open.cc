#include "storage/rocks_open.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include <rocksdb/env.h>
#include <rocksdb/table.h>

#include "storage/rocks_log_file.h"
#include "storage/rocks_pacing.h"
#include "storage/rocks_status.h"

namespace freshet::storage {
namespace {

core::Error NoCurrent(const std::string& path, const std::string& name) {
  return core::Corruption(path + "/CURRENT is missing, but " + name + " is there");
}

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
      return NoCurrent(path, it->path().filename());
    }
  }
  return {};
}

constexpr const char* kWarningsFile = "/WARNINGS";

bool HasFileOf(const std::string& path, const char* extension, bool not_empty) {
  std::error_code error;
  std::filesystem::directory_iterator it(path, error);
  for (; !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    std::error_code ignored;
    if (it->path().extension() != extension) continue;
    if (!not_empty || std::filesystem::file_size(it->path(), ignored) > 0) return true;
  }
  return false;
}

core::Error OpeningError(const rocksdb::Status& status, const std::string& path,
                         const RocksLogFile& log) {
  core::Error error = FromRocks(status);
  const std::string dropped = log.dropped();
  if (!dropped.empty()) {
    error.message += " (" + dropped + ")";
  } else if (error.message.find(path) == std::string::npos) {
    error.message += " (" + path + kWarningsFile + " names the file)";
  }
  return error;
}

}  // namespace

RocksDatabase::~RocksDatabase() {
  for (rocksdb::ColumnFamilyHandle* family : families_) {
    db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
  db_.reset();
}

bool RocksDatabase::FlushAll() {
  const bool flushed = db_->Flush(rocksdb::FlushOptions(), families_).ok();
  if (flushed && tables_ != nullptr) tables_->Write();
  return flushed;
}

bool HasDatabase(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path + "/CURRENT", error) || HasFileOf(path, ".sst", false) ||
         HasFileOf(path, ".log", false);
}

bool HasLogToReplay(const std::string& path) { return HasFileOf(path, ".log", true); }

rocksdb::Options CommonOptions(rocksdb::Env* env, std::shared_ptr<const Pacer> pacer) {
  rocksdb::Options options;
  if (env != nullptr) options.env = env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_background_jobs = 2;
  options.allow_concurrent_memtable_write = false;  // one thread writes
  options.compression = rocksdb::kNoCompression;
  // RocksDB's default would silently end the log at its first damaged record.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.max_manifest_file_size = 16 << 20;
  // Room set aside is lost after kill -9, and may be what a full disk lacks at the start.
  options.allow_fallocate = false;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  // Spreads the write-out of tables, so that the sync of an acknowledgement does not wait for it.
  options.bytes_per_sync = 1 << 20;
  options.rate_limiter = PacedFiles(std::move(pacer));
  // Each time it is full there may be a rest; and a thread that writes much at once keeps its
  // processor meanwhile, whoever else is ready.
  options.writable_file_max_buffer_size = 64 << 10;
  rocksdb::BlockBasedTableOptions table;
  table.no_block_cache = true;  // everything is read in order and once
  table.block_size = 64 << 10;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

core::Result<std::unique_ptr<RocksDatabase>> OpenRocks(const RocksOpening& opening) {
  FRESHET_RETURN_IF_ERROR(CheckCurrent(opening.path));
  FRESHET_RETURN_IF_ERROR(RocksTablesMark::Check(opening.path));
  const auto log = std::make_shared<RocksLogFile>(opening.path + kWarningsFile);
  const auto tables = std::make_shared<RocksTablesMark>(opening.path);
  rocksdb::DBOptions options(opening.options);
  options.info_log = log;
  options.listeners.push_back(tables);
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  const rocksdb::Status status =
      rocksdb::DB::Open(options, opening.path, opening.families, &families, &db);
  if (!status.ok()) return OpeningError(status, opening.path, *log);
  tables->Write();
  return std::make_unique<RocksDatabase>(std::unique_ptr<rocksdb::DB>(db), std::move(families),
                                         tables);
}

core::Result<std::unique_ptr<RocksDatabase>> OpenRocksToRead(const RocksOpening& opening) {
  FRESHET_RETURN_IF_ERROR(CheckCurrent(opening.path));
  FRESHET_RETURN_IF_ERROR(RocksTablesMark::Check(opening.path));
  const auto log = std::make_shared<RocksLogFile>(opening.path + kWarningsFile);
  rocksdb::DBOptions options(opening.options);
  options.info_log = log;
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  const rocksdb::Status status =
      rocksdb::DB::OpenForReadOnly(options, opening.path, opening.families, &families, &db);
  if (!status.ok()) return OpeningError(status, opening.path, *log);
  return std::make_unique<RocksDatabase>(std::unique_ptr<rocksdb::DB>(db), std::move(families),
                                         nullptr);
}

core::Result<std::unique_ptr<RocksDatabase>> SalvageRocks(const RocksOpening& opening) {
  auto whole = OpenRocks(opening);
  if (whole || whole.error().code != core::ErrorCode::kCorruption) return whole;
  RocksOpening tolerant = opening;
  tolerant.options.wal_recovery_mode = rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
  auto opened = OpenRocks(tolerant);
  if (opened) return opened;
  const rocksdb::Status repaired =
      rocksdb::RepairDB(opening.path, opening.options, opening.families);
  if (!repaired.ok()) return FromRocks(repaired);
  return OpenRocks(tolerant);
}

}  // namespace freshet::storage
