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

namespace freshet::storage {

// An open database and its column families; closes them with itself. Thread-safe as RocksDB is.
class RocksDatabase {
 public:
  RocksDatabase(std::string path, std::unique_ptr<rocksdb::DB> db,
                std::vector<rocksdb::ColumnFamilyHandle*> families)
      : path_(std::move(path)), db_(std::move(db)), families_(std::move(families)) {}
  ~RocksDatabase();
  RocksDatabase(const RocksDatabase&) = delete;
  RocksDatabase& operator=(const RocksDatabase&) = delete;

  [[nodiscard]] rocksdb::DB* db() const { return db_.get(); }
  // In the order in which they were opened.
  [[nodiscard]] rocksdb::ColumnFamilyHandle* family(std::size_t index) const {
    return families_[index];
  }

  // Moves what is in memory into tables, so that the next opening has nothing to replay. To be
  // called last before a clean close. A failure loses nothing: it is all in the write-ahead log.
  void FlushAll();

 private:
  const std::string path_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  bool flushed_ = false;
};

struct RocksOpening {
  std::string path;
  rocksdb::Options options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
};

// What journal and checkpoint store have in common: one thread that writes, no cache, no
// compression, and files that are written at the pacer's pace. `env` may be null.
rocksdb::Options CommonOptions(rocksdb::Env* env, std::shared_ptr<const Pacer> pacer);

// Opens the database, creating it when there is none. Refuses with kCorruption what RocksDB would
// pass over and then clear away: files without a CURRENT to name them, and a MANIFEST that became
// shorter since the last clean close. A last write that the write-ahead log holds only the
// beginning of was never acknowledged and is left out; any other damage in that log is kCorruption.
core::Result<std::unique_ptr<RocksDatabase>> OpenRocks(const RocksOpening& opening);

}  // namespace freshet::storage
