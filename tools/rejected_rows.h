// RejectedRows: the rows of an import that were not taken, written aside for their owner.
//
// Each becomes one CSV row of file, line number, reason and the row itself. The file is created
// with the first row, so an import without bad rows leaves none. Owned by the import; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "tools/output_file.h"

namespace freshet::tools {

class RejectedRows {
 public:
  explicit RejectedRows(std::string path);

  // `line` is 0 for what has no line.
  core::Status Add(std::string_view file, std::uint64_t line, std::string_view reason,
                   std::string_view row);

  // Completes the file, if there is one.
  core::Status Close();

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  // Where and why of the first, for the message at the end; empty when there is none.
  [[nodiscard]] const std::string& first() const { return first_; }

 private:
  std::string path_;
  std::unique_ptr<OutputFile> file_;
  std::uint64_t count_ = 0;
  std::string first_;
};

}  // namespace freshet::tools
