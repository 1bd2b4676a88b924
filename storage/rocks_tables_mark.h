// RocksTablesMark: the file TABLES beside a database: the MANIFEST's name, how many bytes of it are
// durable, and their checksum. RocksDB takes a MANIFEST that was cut short, or that has one damaged
// type byte, for an older one and deletes the tables it misses.
//
// A listener of its database: written anew after each flush and compaction. Thread-safe.
#pragma once

#include <mutex>
#include <string>

#include <rocksdb/listener.h>

#include "core/result.h"

namespace freshet::storage {

class RocksTablesMark : public rocksdb::EventListener {
 public:
  explicit RocksTablesMark(std::string folder) : folder_(std::move(folder)) {}

  // kCorruption when the MANIFEST is not what the mark says. A folder without a mark passes.
  static core::Status Check(const std::string& folder);

  // A failure only means that less is checked at the next start.
  void Write();

  void OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo&) override { Write(); }
  void OnCompactionCompleted(rocksdb::DB*, const rocksdb::CompactionJobInfo&) override { Write(); }

 private:
  const std::string folder_;
  std::mutex mutex_;  // guards the file and the rest
  std::string written_;
};

}  // namespace freshet::storage
