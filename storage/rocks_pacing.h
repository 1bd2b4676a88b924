// What has RocksDB work at a Pacer's pace: its files are written and its memtables filled in bites.
#pragma once

#include <memory>

#include <rocksdb/memtablerep.h>
#include <rocksdb/rate_limiter.h>

#include "storage/pacer.h"

namespace freshet::storage {

// A limiter that lets everything pass, after a rest when one is due. RocksDB asks it in the midst
// of flushes and compactions, and of writes whose options name a priority.
std::shared_ptr<rocksdb::RateLimiter> PacedFiles(std::shared_ptr<const Pacer> pacer);

// RocksDB's skip list, with rests while a batch is put into it. For one writer at a time.
std::shared_ptr<rocksdb::MemTableRepFactory> PacedMemtables(std::shared_ptr<const Pacer> pacer);

}  // namespace freshet::storage
