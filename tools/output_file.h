// OutputFile: a file written from its start to its end, packed with gzip when its name ends in .gz;
// "-" is standard output.
//
// Close() says whether all of it arrived; a file destroyed before that is left as it is. One
// thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace freshet::tools {

class OutputFile {
 public:
  // Creates the file, or empties the one that is there.
  static core::Result<std::unique_ptr<OutputFile>> Create(const std::string& path);

  virtual ~OutputFile() = default;

  // An error names the file and the reason (a full disk, a closed pipe).
  virtual core::Status Write(std::string_view bytes) = 0;
  virtual core::Status Close() = 0;
};

}  // namespace freshet::tools
