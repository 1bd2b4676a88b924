#include "storage/rocks_open.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
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

// Beside the database's own files: the MANIFEST's name and size when it was last closed cleanly.
// RocksDB takes a MANIFEST that was cut short for an older one and deletes the tables it misses.
constexpr const char* kClosedFile = "/CLOSED";

constexpr const char* kWarningsFile = "/WARNINGS";

std::string ReadWord(const std::string& path) {
  std::string word;
  std::ifstream(path) >> word;
  return word;
}

void WriteClosed(const std::string& path) {
  const std::string manifest = ReadWord(path + "/CURRENT");
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path + "/" + manifest, error);
  if (!error) std::ofstream(path + kClosedFile) << manifest << ' ' << size << '\n';
}

core::Status CheckManifest(const std::string& path) {
  std::string manifest;
  std::uintmax_t closed_size = 0;
  if (!(std::ifstream(path + kClosedFile) >> manifest >> closed_size)) return {};
  if (ReadWord(path + "/CURRENT") != manifest) return {};  // rewritten since
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path + "/" + manifest, error);
  if (error || size >= closed_size) return {};  // RocksDB says so when it is missing
  return core::Corruption(path + "/" + manifest + " has lost its end: it is " +
                          std::to_string(size) + " bytes long and was " +
                          std::to_string(closed_size));
}

}  // namespace

RocksDatabase::~RocksDatabase() {
  for (rocksdb::ColumnFamilyHandle* family : families_) {
    db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
  db_.reset();
  if (flushed_) WriteClosed(path_);
}

void RocksDatabase::FlushAll() { flushed_ = db_->Flush(rocksdb::FlushOptions(), families_).ok(); }

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
  FRESHET_RETURN_IF_ERROR(CheckManifest(opening.path));
  std::error_code error;
  std::filesystem::create_directories(opening.path, error);
  if (error) return core::IoError(opening.path + ": " + error.message());
  rocksdb::DBOptions options(opening.options);
  options.info_log = std::make_shared<RocksLogFile>(opening.path + kWarningsFile);
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  const rocksdb::Status status =
      rocksdb::DB::Open(options, opening.path, opening.families, &families, &db);
  if (!status.ok()) {
    core::Error opening_error = FromRocks(status);
    if (opening_error.message.find(opening.path) == std::string::npos) {
      opening_error.message += " (" + opening.path + kWarningsFile + " names the file)";
    }
    return opening_error;
  }
  return std::make_unique<RocksDatabase>(opening.path, std::unique_ptr<rocksdb::DB>(db),
                                         std::move(families));
}

}  // namespace freshet::storage
