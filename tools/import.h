// Import: reads files of events, items and users and puts what they say into a sink.
//
// Bad rows do not stop it: they are counted and written aside. Files are checked first, so that a
// missing column is known before anything is imported. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "tools/entry_sink.h"
#include "tools/input_file.h"
#include "tools/input_list.h"
#include "tools/progress_bar.h"
#include "tools/rejected_rows.h"

namespace freshet::tools {

// What an import has met so far.
struct ImportCounts {
  std::uint64_t events = 0;  // good rows handed to the sink
  std::uint64_t items = 0;
  std::uint64_t users = 0;
  std::uint64_t left_out_values =
      0;  // of further columns that did not fit into an event's properties
};

// Opens each file and reads its header. An error names the file and what is missing.
core::Status CheckInputs(const std::vector<InputPath>& inputs);

class Import {
 public:
  // All outlive it.
  Import(EntrySink* sink, RejectedRows* rejected, ProgressBar* progress)
      : sink_(sink), rejected_(rejected), progress_(progress) {}

  // Reads one file to its end. An error of reading or of the sink ends the import.
  core::Status Read(const InputPath& input);

  [[nodiscard]] const ImportCounts& counts() const { return counts_; }
  // Of the last good row, in the file read last.
  [[nodiscard]] std::uint64_t line() const { return line_; }

 private:
  core::Status ReadEvents(const InputPath& input, const std::string& file_key);
  core::Status ReadLines(const InputPath& input, const std::string& file_key);
  core::Status ReadRecords(const InputPath& input);
  core::Status Take(core::LogEntry&& entry, const RowOrigin& origin, std::uint64_t* count);
  core::Status Refuse(const RowOrigin& origin, std::string_view reason);
  void Show(const InputFile& file);

  EntrySink* sink_;
  RejectedRows* rejected_;
  ProgressBar* progress_;
  ImportCounts counts_;
  std::uint64_t bytes_before_ = 0;  // of the files that are done
  std::uint64_t rows_ = 0;
  std::uint64_t line_ = 0;
};

// What stands for a file in eventIds: sixteen hexadecimal digits from its name, its size and its
// first bytes.
core::Result<std::string> FileKey(const std::string& path);

}  // namespace freshet::tools
