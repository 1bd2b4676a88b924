// EntrySink: where an import puts what it reads: a data folder or a running daemon.
//
// Used by the import's one thread. What was added is acknowledged, durable and applied, once Flush
// has returned ok.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/log_entry.h"
#include "core/result.h"

namespace freshet::tools {

// Where an entry was read.
struct RowOrigin {
  std::string_view file;
  std::uint64_t line = 0;
  std::string_view text;
  // Names the row for ever: the same row of the same file gives the same name. What an event
  // without an eventId is known by where it may arrive twice.
  std::string_view file_key;
};

class EntrySink {
 public:
  virtual ~EntrySink() = default;

  // Takes an entry that passed core::Validate. Blocks while too much is under way. An error ends
  // the import.
  virtual core::Status Add(core::LogEntry&& entry, const RowOrigin& origin) = 0;

  // Waits until everything added is acknowledged.
  virtual core::Status Flush() = 0;

  // Flushes and brings things to rest (a data folder: the last checkpoint). Nothing may be added
  // afterwards.
  virtual core::Status Close() = 0;

  // Entries acknowledged so far.
  [[nodiscard]] virtual std::uint64_t acknowledged() const = 0;
  // Entries of which an error left it open whether they arrived.
  [[nodiscard]] virtual std::uint64_t unanswered() const { return 0; }
  // Of the acknowledged ones, how many were known by their eventId already.
  virtual std::uint64_t duplicates() = 0;
};

}  // namespace freshet::tools
