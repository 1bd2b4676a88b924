// The byte-order mark that some programs write at the beginning of UTF-8.
#pragma once

#include <string_view>

namespace freshet::core {

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// `text` without one mark at its beginning.
inline std::string_view WithoutByteOrderMark(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

}  // namespace freshet::core
