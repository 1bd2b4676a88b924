// The files that an import is given.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "tools/table_columns.h"
#include "tools/table_format.h"

namespace freshet::tools {

struct InputPath {
  std::string path;
  InputKind kind;
  std::uint64_t bytes;  // on disk; 0 for a pipe
  bool is_from_folder = false;
};

// Files, and what there is to say about them before they are read.
struct InputList {
  std::vector<InputPath> inputs;
  std::vector<std::string> notes;

  void Append(InputList&& other);
};

// `path` itself ("-" is standard input), or all files in it, by name, when it is a folder. Its
// folders, and names that begin with "_" or "." (_SUCCESS, .part-0.crc) are passed over; a note
// says so. Errors name the path; a folder without files is one.
core::Result<InputList> ListInputs(const std::string& path, InputKind kind);

// Opens each file and looks at its form and its columns. An error names the file and what is wrong
// with it. Empty files of a folder are passed over. Pipes are looked at when they are read. Notes
// say what was passed over, and which columns were taken for which.
core::Result<InputList> CheckInputs(const InputList& list, const TableFormat& format);

}  // namespace freshet::tools
