// EntryReader: the rows of one file as log entries, whatever form the file has.
//
// Owned by the import; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/log_entry.h"
#include "core/result.h"
#include "tools/input_file.h"
#include "tools/input_list.h"
#include "tools/table_format.h"

namespace freshet::tools {

// A row as it was read. Views are valid until the next row is read.
struct ReadRow {
  std::uint64_t line = 0;
  std::string_view text;
  core::LogEntry entry;  // valid by core::Validate, unless there is a problem
  std::string problem;   // why the row is no entry; empty in a good one
};

class EntryReader {
 public:
  // Errors name the file, and say what it is where it cannot be read. Null: it is empty.
  static core::Result<std::unique_ptr<EntryReader>> Open(const InputPath& input,
                                                         const TableFormat& format);

  virtual ~EntryReader() = default;

  // Reads the next row; false at the end. Errors are those of InputFile::Read.
  virtual core::Result<bool> Next(ReadRow* row) = 0;

  // Reads only the time of the next row; nothing for a row that has none.
  virtual core::Result<bool> NextTime(std::optional<std::int64_t>* time) = 0;

  [[nodiscard]] virtual const InputFile& file() const = 0;
  // Names the file for ever; see FileKey.
  [[nodiscard]] const std::string& file_key() const { return file_key_; }
  // Which columns were taken for which, in words; empty when each has its own name.
  [[nodiscard]] virtual std::string said() const { return {}; }
  // True when the file has a column or a member of that name.
  [[nodiscard]] virtual bool has_column(std::string_view /*name*/) const { return true; }
  // Values that did not fit into an event's properties.
  [[nodiscard]] virtual std::uint64_t left_out() const { return 0; }

 private:
  std::string file_key_;
};

// What stands for a file in eventIds: sixteen hexadecimal digits from its name, its size and its
// first bytes.
core::Result<std::string> FileKey(InputFile* file);

}  // namespace freshet::tools
