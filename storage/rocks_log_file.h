// RocksLogFile: RocksDB's own warnings in a small file. RocksDB's logger aborts the process when it
// writes to a full disk (an assertion that Debian's build has on); this one drops the line.
//
// Owned by a database's options. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdio>
#include <mutex>
#include <string>

#include <rocksdb/env.h>

namespace freshet::storage {

class RocksLogFile : public rocksdb::Logger {
 public:
  // Appends to `path`; at a megabyte the file becomes `path`.old and a new one begins.
  explicit RocksLogFile(std::string path);
  ~RocksLogFile() override;
  RocksLogFile(const RocksLogFile&) = delete;
  RocksLogFile& operator=(const RocksLogFile&) = delete;

  using rocksdb::Logger::Logv;
  void Logv(const char* format, std::va_list arguments) override;

  // The last line that says what RocksDB cannot read of a file; empty when there was none.
  [[nodiscard]] std::string dropped() const;

 private:
  void Open();

  const std::string path_;
  mutable std::mutex mutex_;   // guards the rest
  std::FILE* file_ = nullptr;  // null when it cannot be opened
  std::size_t bytes_ = 0;
  std::string dropped_;
};

}  // namespace freshet::storage
