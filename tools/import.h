// Import: reads files of events, items and users and puts what they say into a sink.
//
// Bad rows do not stop it: they are counted and written aside. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "tools/entry_reader.h"
#include "tools/entry_sink.h"
#include "tools/input_list.h"
#include "tools/progress_bar.h"
#include "tools/rejected_rows.h"
#include "tools/table_format.h"

namespace freshet::tools {

// What an import has met so far.
struct ImportCounts {
  std::uint64_t events = 0;  // good rows handed to the sink
  std::uint64_t items = 0;
  std::uint64_t users = 0;
  std::uint64_t left_out_values =
      0;  // of further columns that did not fit into an event's properties
};

class Import {
 public:
  // All outlive it.
  Import(EntrySink* sink, RejectedRows* rejected, ProgressBar* progress, TableFormat format = {})
      : sink_(sink), rejected_(rejected), progress_(progress), format_(std::move(format)) {}

  // Reads one file to its end. An error of reading or of the sink ends the import.
  core::Status Read(const InputPath& input);

  [[nodiscard]] const ImportCounts& counts() const { return counts_; }
  // Of the last good row, in the file read last.
  [[nodiscard]] std::uint64_t line() const { return line_; }

 private:
  std::uint64_t* CountOf(InputKind kind);
  core::Status Take(ReadRow* row, const RowOrigin& origin, std::uint64_t* count);
  void Show(const InputFile& file);

  EntrySink* sink_;
  RejectedRows* rejected_;
  ProgressBar* progress_;
  const TableFormat format_;
  ImportCounts counts_;
  std::uint64_t bytes_before_ = 0;  // of the files that are done
  std::uint64_t rows_ = 0;
  std::uint64_t line_ = 0;
};

}  // namespace freshet::tools
