#include "daemon/api/positions.h"

#include <algorithm>
#include <charconv>

namespace freshet::daemon::api {
namespace {

template <typename T>
bool ParseNumber(std::string_view text, T* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string FormatPositions(const core::Positions& positions) {
  std::string text;
  for (const auto& [partition, offset] : positions) {
    if (!text.empty()) text += ',';
    text += std::to_string(partition) + ":" + std::to_string(offset);
  }
  return text;
}

core::Result<core::Positions> ParsePositions(std::string_view text) {
  core::Positions positions;
  do {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t colon = std::min(part.find(':'), part.size());
    std::uint32_t partition = 0;
    std::uint64_t offset = 0;
    if (colon == part.size() || !ParseNumber(part.substr(0, colon), &partition) ||
        !ParseNumber(part.substr(colon + 1), &offset)) {
      return core::InvalidArgument(
          "Freshet-Wait-For is no position: PARTITION:OFFSET, several separated by commas");
    }
    positions[partition] = std::max(positions[partition], offset);
  } while (!text.empty());
  return positions;
}

}  // namespace freshet::daemon::api
