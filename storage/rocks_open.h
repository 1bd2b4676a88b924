// Opening a RocksDB database so that nothing acknowledged can be missing unnoticed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include "core/result.h"
#include "storage/pacer.h"
#include "storage/rocks_tables_mark.h"

namespace freshet::storage {

// An open database and its column families; closes them with itself. Thread-safe as RocksDB is.
class RocksDatabase {
 public:
  // `tables` is null for one that is open to be read only.
  RocksDatabase(std::unique_ptr<rocksdb::DB> db, std::vector<rocksdb::ColumnFamilyHandle*> families,
                std::shared_ptr<RocksTablesMark> tables)
      : db_(std::move(db)), families_(std::move(families)), tables_(std::move(tables)) {}
  ~RocksDatabase();
  RocksDatabase(const RocksDatabase&) = delete;
  RocksDatabase& operator=(const RocksDatabase&) = delete;

  [[nodiscard]] rocksdb::DB* db() const { return db_.get(); }
  // In the order in which they were opened.
  [[nodiscard]] rocksdb::ColumnFamilyHandle* family(std::size_t index) const {
    return families_[index];
  }
  [[nodiscard]] bool read_only() const { return tables_ == nullptr; }

  // Moves what is in memory into tables, so that the next opening has nothing to replay. To be
  // called last before a clean close. A failure loses nothing: it is all in the write-ahead log.
  // True when it is done.
  bool FlushAll();

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  std::shared_ptr<RocksTablesMark> tables_;
};

struct RocksOpening {
  std::string path;
  rocksdb::Options options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
};

// What journal and checkpoint store have in common: one thread that writes, no cache, no
// compression, and files that are written at the pacer's pace. `env` may be null.
rocksdb::Options CommonOptions(rocksdb::Env* env, std::shared_ptr<const Pacer> pacer);

// True when the folder holds a database, whole or not.
bool HasDatabase(const std::string& path);
// True when an opening has a write-ahead log to replay. It clears that log away.
bool HasLogToReplay(const std::string& path);

// Opens the database, creating it when there is none. Refuses with kCorruption what RocksDB would
// pass over and then clear away: files without a CURRENT to name them, and a MANIFEST that is not
// what it was. A last write that the write-ahead log holds only the beginning of is left out; other
// damage in that log is kCorruption where RocksDB can tell, and else for the caller to find out by
// its EndMark.
core::Result<std::unique_ptr<RocksDatabase>> OpenRocks(const RocksOpening& opening);

// The same without changing anything in the folder; its write-ahead log is replayed in memory.
core::Result<std::unique_ptr<RocksDatabase>> OpenRocksToRead(const RocksOpening& opening);

// Opens what is left of a damaged database: passes over what cannot be read, and builds the list of
// tables anew where that is lost.
core::Result<std::unique_ptr<RocksDatabase>> SalvageRocks(const RocksOpening& opening);

}  // namespace freshet::storage
