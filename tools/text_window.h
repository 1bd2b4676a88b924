// TextWindow: a stretch of a file's text in memory that its reader moves along.
//
// A reader looks at Unread(), asks for More() when what it needs is not all there, and Drop()s what
// it has dealt with. Views stay valid until the next More(). A byte order mark at the file's
// beginning is skipped. Owned by one reader; one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "tools/input_file.h"

namespace freshet::tools {

class TextWindow {
 public:
  // Longer records than this are refused, so that one open quote cannot take the whole file.
  static constexpr std::size_t kMaximumRecordBytes = 1 << 20;

  explicit TextWindow(std::unique_ptr<InputFile> file);

  [[nodiscard]] std::string_view Unread() const { return {buffer_.data() + start_, end_ - start_}; }
  // REQUIRES: count <= Unread().size().
  void Drop(std::size_t count) { start_ += count; }

  // Reads on behind what is there. False at the end of the file.
  core::Result<bool> More();

  // Moves behind a line that is longer than a record may be, and returns its beginning, which is
  // valid until the next call.
  core::Result<std::string_view> DropLongLine();

  [[nodiscard]] const InputFile& file() const { return *file_; }

 private:
  core::Status SkipByteOrderMark();

  std::unique_ptr<InputFile> file_;
  std::string buffer_;
  std::string long_line_;  // the beginning of the last one
  std::size_t start_ = 0;
  std::size_t end_ = 0;
  bool has_begun_ = false;
};

// The bytes before the next line end that is at or after `from` in `window`, reading on as far as
// needed, and at most `maximum`; npos when the line is longer. At the end of the file: all that is
// left.
core::Result<std::size_t> FindLineEnd(TextWindow* window, std::size_t from, std::size_t maximum);

}  // namespace freshet::tools
