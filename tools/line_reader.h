// LineReader: the lines of a text file, one at a time. Lines end with LF or CRLF; empty ones are
// skipped. Owned by whoever reads; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/result.h"
#include "tools/input_file.h"
#include "tools/text_window.h"

namespace freshet::tools {

struct Line {
  std::uint64_t number = 0;  // the file's first is 1
  // Valid until the next line is read; only the beginning of a line that is too long.
  std::string_view text;
  bool too_long = false;  // than TextWindow::kMaximumRecordBytes
};

class LineReader {
 public:
  explicit LineReader(std::unique_ptr<InputFile> file);

  // The next line, or null at the end. Errors are those of InputFile::Read.
  core::Result<const Line*> Next();

  [[nodiscard]] const InputFile& file() const { return window_.file(); }

 private:
  TextWindow window_;
  Line line_;
};

}  // namespace freshet::tools
