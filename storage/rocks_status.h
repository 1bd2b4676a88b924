// The one place where a RocksDB status becomes an error of ours.
#pragma once

#include <rocksdb/status.h>

#include "core/result.h"

namespace freshet::storage {

// A full disk or quota is kExhausted; damaged, missing or foreign files are kCorruption.
// REQUIRES: !status.ok().
core::Error FromRocks(const rocksdb::Status& status);

// Ok stays ok.
core::Status FromRocksStatus(const rocksdb::Status& status);

}  // namespace freshet::storage
