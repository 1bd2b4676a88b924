#include "tools/line_reader.h"

#include <algorithm>
#include <utility>

namespace freshet::tools {

LineReader::LineReader(std::unique_ptr<InputFile> file) : window_(std::move(file)) {}

core::Result<const Line*> LineReader::Next() {
  while (true) {
    auto end = FindLineEnd(&window_, 0, TextWindow::kMaximumRecordBytes);
    if (!end) return end.error();
    ++line_.number;
    line_.too_long = *end == std::string_view::npos;
    if (line_.too_long) {
      auto shown = window_.DropLongLine();
      if (!shown) return shown.error();
      line_.text = *shown;
      return static_cast<const Line*>(&line_);
    }
    if (window_.Unread().empty()) return static_cast<const Line*>(nullptr);
    line_.text = window_.Unread().substr(0, *end);
    window_.Drop(std::min(window_.Unread().size(), *end + 1));
    if (line_.text.ends_with('\r')) line_.text.remove_suffix(1);
    if (!line_.text.empty()) return static_cast<const Line*>(&line_);
  }
}

}  // namespace freshet::tools
