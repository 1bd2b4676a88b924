#include "config/duration.h"

#include <charconv>
#include <utility>

namespace freshet::config {
namespace {

constexpr std::string_view kOff = "off";
constexpr std::pair<char, std::int64_t> kUnits[] = {
    {'d', 86'400}, {'h', 3600}, {'m', 60}, {'s', 1}};
constexpr std::int64_t kMostSeconds = 1'000'000'000'000;

}  // namespace

std::optional<std::int64_t> ParseDuration(std::string_view text) {
  if (text == kOff) return 0;
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [unit, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || end - unit != 1 || count <= 0) return std::nullopt;
  for (const auto& [letter, seconds] : kUnits) {
    if (*unit == letter && count <= kMostSeconds / seconds) return count * seconds;
  }
  return std::nullopt;
}

std::string DurationText(std::int64_t seconds) {
  for (const auto& [letter, unit] : kUnits) {
    if (seconds > 0 && seconds % unit == 0) return std::to_string(seconds / unit) + letter;
  }
  return std::string(kOff);
}

}  // namespace freshet::config
