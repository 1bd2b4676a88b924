#include "tools/json_value_reader.h"

#include <algorithm>
#include <string>
#include <utility>

namespace freshet::tools {

JsonValueReader::JsonValueReader(std::unique_ptr<InputFile> file) : window_(std::move(file)) {}

core::Result<const Line*> JsonValueReader::Next() {
  // The object that was handed out last stands in the window until now.
  next_line_ += static_cast<std::uint64_t>(std::count(line_.text.begin(), line_.text.end(), '\n'));
  window_.Drop(line_.text.size());
  line_.text = {};
  auto found = FindObject();
  if (!found) return found.error();
  if (!*found) return static_cast<const Line*>(nullptr);
  auto end = ObjectEnd();
  if (!end) return end.error();
  line_.number = next_line_;
  line_.text = window_.Unread().substr(0, *end);
  return static_cast<const Line*>(&line_);
}

core::Result<bool> JsonValueReader::FindObject() {
  while (true) {
    const std::string_view unread = window_.Unread();
    const std::size_t blanks = std::min(unread.find_first_not_of(" \t\r\n,[]"), unread.size());
    next_line_ += static_cast<std::uint64_t>(
        std::count(unread.begin(), unread.begin() + static_cast<std::ptrdiff_t>(blanks), '\n'));
    window_.Drop(blanks);
    if (!window_.Unread().empty()) break;
    auto more = window_.More();
    if (!more) return more.error();
    if (!*more) return false;
  }
  if (window_.Unread().front() != '{') return Bad("this is no JSON object");
  return true;
}

core::Result<std::size_t> JsonValueReader::ObjectEnd() {
  int depth = 0;
  bool in_text = false;
  std::size_t at = 0;
  while (true) {
    for (const std::string_view unread = window_.Unread(); at < unread.size(); ++at) {
      const char c = unread[at];
      if (in_text && c == '\\') {
        if (at + 1 == unread.size()) break;
        ++at;
      } else if (c == '"') {
        in_text = !in_text;
      } else if (!in_text && (c == '{' || c == '}')) {
        depth += c == '{' ? 1 : -1;
        if (depth == 0) return at + 1;
      }
    }
    if (at > TextWindow::kMaximumRecordBytes) {
      return Bad("the JSON object that begins here is longer than " +
                 std::to_string(TextWindow::kMaximumRecordBytes) + " bytes");
    }
    auto more = window_.More();
    if (!more) return more.error();
    if (!*more) return Bad("the JSON object that begins here never ends");
  }
}

core::Error JsonValueReader::Bad(std::string_view what) const {
  return core::Corruption(file().path() + ":" + std::to_string(next_line_) + ": " +
                          std::string(what));
}

}  // namespace freshet::tools
