#include "core/shown_text.h"

#include <algorithm>
#include <cstddef>

namespace freshet::core {
namespace {

constexpr std::size_t kMostBytes = 60;

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string ShownText(std::string_view text) {
  std::size_t end = std::min(text.size(), kMostBytes);
  if (end < text.size()) {
    while (end > 0 && IsContinuation(text[end])) --end;
  }
  std::string shown = "\"";
  for (const char c : text.substr(0, end)) {
    const auto byte = static_cast<unsigned char>(c);
    shown.push_back(byte < 0x20 || byte == 0x7F ? '?' : c);
  }
  return shown + (end < text.size() ? "...\"" : "\"");
}

}  // namespace freshet::core
