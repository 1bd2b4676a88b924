// The checkpoint store on RocksDB: a column family for each core::Table, `dead` for the dead
// letters, and the default family for the store's own facts (format version, positions covered).
#pragma once

#include <memory>
#include <string>

#include "core/result.h"
#include "storage/checkpoint_store.h"
#include "storage/options.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace freshet::storage {

// Opens or creates the store in the folder `path`. `env` (RocksDB's own when null) is how tests
// make files fail; it outlives the store. kCorruption when files are damaged or of another version,
// kExhausted when the disk is full, kIo.
//
// After a failed Commit the next call opens the database again, as RocksDB refuses writes from then
// on. A failed Commit that reached the disk all the same is then the checkpoint: whole, and behind
// or at what the caller commits next.
core::Result<std::unique_ptr<CheckpointStore>> OpenRocksStore(const std::string& path,
                                                              const StoreOptions& options,
                                                              rocksdb::Env* env = nullptr);

}  // namespace freshet::storage
