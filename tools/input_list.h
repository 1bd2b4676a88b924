// The files that an import is given: which they are and what they hold.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"

namespace freshet::tools {

enum class InputKind { kEventCsv, kEventLines, kItemCsv, kUserCsv };

struct InputPath {
  std::string path;
  InputKind kind;
  std::uint64_t bytes;  // on disk
};

// `path` itself, or all files in it, by name, when it is a folder; its folders are passed over.
// Events are told apart by name: .ndjson and .jsonl, also with .gz, are lines of JSON, all else is
// CSV. Errors name the path; a folder without files is one.
core::Result<std::vector<InputPath>> ListInputs(const std::string& path, InputKind csv_kind);

}  // namespace freshet::tools
