#include "tools/text_window.h"

#include <cstring>
#include <utility>

#include "core/byte_order_mark.h"

namespace freshet::tools {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kShownOfLongLine = 1000;

}  // namespace

TextWindow::TextWindow(std::unique_ptr<InputFile> file) : file_(std::move(file)) {}

core::Result<bool> TextWindow::More() {
  if (start_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + start_, end_ - start_);
    end_ -= start_;
    start_ = 0;
  }
  if (buffer_.size() < end_ + kReadBytes) buffer_.resize(end_ + kReadBytes);
  auto count = file_->Read(buffer_.data() + end_, kReadBytes);
  if (!count) return count.error();
  end_ += *count;
  if (!has_begun_ && *count > 0) FRESHET_RETURN_IF_ERROR(SkipByteOrderMark());
  return *count > 0;
}

core::Status TextWindow::SkipByteOrderMark() {
  has_begun_ = true;
  while (Unread().size() < core::kByteOrderMark.size()) {
    auto more = More();
    if (!more) return more.error();
    if (!*more) break;
  }
  if (Unread().starts_with(core::kByteOrderMark)) Drop(core::kByteOrderMark.size());
  return {};
}

core::Result<std::string_view> TextWindow::DropLongLine() {
  long_line_ = Unread().substr(0, kShownOfLongLine);
  while (true) {
    const std::size_t end = Unread().find('\n');
    if (end != std::string_view::npos) {
      Drop(end + 1);
      return std::string_view(long_line_);
    }
    Drop(Unread().size());
    auto more = More();
    if (!more) return more.error();
    if (!*more) return std::string_view(long_line_);
  }
}

core::Result<std::size_t> FindLineEnd(TextWindow* window, std::size_t from, std::size_t maximum) {
  while (true) {
    const std::string_view unread = window->Unread();
    const std::size_t found = unread.find('\n', from);
    if (found != std::string_view::npos) return found <= maximum ? found : std::string_view::npos;
    from = unread.size();
    if (from > maximum) return std::string_view::npos;
    auto more = window->More();
    if (!more) return more.error();
    if (!*more) return from;
  }
}

}  // namespace freshet::tools
