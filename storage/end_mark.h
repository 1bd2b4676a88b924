// EndMark: the file END beside a database. It says how far what was acknowledged reaches, so that a
// database that has lost its end, or its beginning, is told from one that never had more.
//
// Owned by the database's writer, and used by its thread. Written after a write is durable
// and before it is acknowledged, but not synced: the kernel has it, which is exact after kill -9,
// and after a power cut it says at most what is true. docs/storage.md has the reasons.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "core/result.h"
#include "storage/file.h"

namespace freshet::storage {

struct Reach {
  std::uint64_t first = 1;         // the oldest number that must be there
  std::uint64_t end = 1;           // everything before this number was acknowledged
  std::uint64_t salvaged_to = 0;   // what is missing before this number was reported already
  std::int64_t stamped_at_us = 0;  // when `end` last grew, by the clock since the machine started
  bool may_lose_end = false;       // the end was written but not synced
};

class EndMark {
 public:
  static bool IsThere(const std::string& folder);
  // A new mark, synced, in place of any that is there.
  static core::Status Create(const std::string& folder, const Reach& reach);
  // kCorruption when it is absent or damaged.
  static core::Result<EndMark> Open(const std::string& folder);

  [[nodiscard]] const Reach& reach() const { return reach_; }
  // The machine has started anew since the mark was opened last.
  [[nodiscard]] bool rebooted() const { return rebooted_; }

  core::Status Write(const Reach& reach);
  core::Status Sync();

 private:
  EndMark(std::string path, File file) : path_(std::move(path)), file_(std::move(file)) {}

  std::string path_;
  File file_;
  Reach reach_;
  std::uint64_t serial_ = 0;
  bool rebooted_ = false;
};

}  // namespace freshet::storage
