#include "tools/rejected_limit.h"

#include <charconv>

namespace freshet::tools {

core::Result<RejectedLimit> RejectedLimit::Parse(std::string_view text) {
  RejectedLimit limit;
  std::string_view number = text;
  limit.is_share_ = number.ends_with('%');
  if (limit.is_share_) number.remove_suffix(1);
  const char* end = number.data() + number.size();
  const auto parsed = std::from_chars(number.data(), end, limit.limit_, std::chars_format::fixed);
  const bool is_good = parsed.ec == std::errc() && parsed.ptr == end && limit.limit_ >= 0 &&
                       (!limit.is_share_ || limit.limit_ <= 100);
  if (is_good) return limit;
  return core::InvalidArgument("--maximum-rejected " + std::string(text) +
                               " must be a number of rows (10) or a share of them (0.5%)");
}

}  // namespace freshet::tools
