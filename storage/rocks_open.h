// Opening a RocksDB database so that nothing acknowledged can be missing unnoticed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include "core/result.h"

namespace freshet::storage {

// An open database and its column families; closes them with itself. Thread-safe as RocksDB is.
class RocksDatabase {
 public:
  RocksDatabase(std::unique_ptr<rocksdb::DB> db, std::vector<rocksdb::ColumnFamilyHandle*> families)
      : db_(std::move(db)), families_(std::move(families)) {}
  ~RocksDatabase();
  RocksDatabase(const RocksDatabase&) = delete;
  RocksDatabase& operator=(const RocksDatabase&) = delete;

  [[nodiscard]] rocksdb::DB* db() const { return db_.get(); }
  // In the order in which they were opened.
  [[nodiscard]] rocksdb::ColumnFamilyHandle* family(std::size_t index) const {
    return families_[index];
  }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

struct RocksOpening {
  std::string path;
  rocksdb::Options options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  // A number that grows with every write and is stored by it.
  std::function<core::Result<std::uint64_t>(const RocksDatabase&)> last_write;
  // True when every write but the last was synced before the next began.
  bool writes_are_synced = true;
};

// What journal and checkpoint store have in common: few threads, small caches, a bounded info log
// of warnings. `env` may be null.
rocksdb::Options CommonOptions(rocksdb::Env* env);

// Opens the database, creating it when there is none. Refuses with kCorruption what RocksDB would
// pass over: files without a CURRENT to name them, and a write-ahead log that is damaged before its
// last write. A last write cut short by power loss was never acknowledged and is left out.
core::Result<std::unique_ptr<RocksDatabase>> OpenRocks(const RocksOpening& opening);

}  // namespace freshet::storage
