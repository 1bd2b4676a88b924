// Times as an operator writes them: "90s", "15m", "6h", "1d", and "off" for none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace freshet::config {

// In seconds; "off" is 0. Nothing when it is no such text.
std::optional<std::int64_t> ParseDuration(std::string_view text);

// In the largest unit that it is a whole number of. ParseDuration reads it back.
std::string DurationText(std::int64_t seconds);

}  // namespace freshet::config
