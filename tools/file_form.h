// What a file holds, told by its first bytes.
//
// Plain functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace freshet::tools {

enum class FileForm {
  kTable,       // CSV, or with another delimiter
  kJsonLines,   // one JSON object a line
  kJsonValues,  // a JSON array of objects, or objects over several lines
};

// The form of the file that begins with `beginning` (unpacked), whose name is `path`. Where a file
// is none of these, kInvalidArgument says in a sentence what it is and what to do about it.
core::Result<FileForm> FormOf(std::string_view path, std::string_view beginning,
                              std::string_view delimiter);

}  // namespace freshet::tools
