#include "config/text_checks.h"

#include <algorithm>

#include "config/listen_address.h"
#include "core/parse_time.h"

namespace freshet::config {
namespace {

constexpr std::size_t kMaximumTopicBytes = 249;
constexpr std::size_t kMaximumNameBytes = 63;

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string BytesText(std::size_t most) { return "1.." + std::to_string(most) + " bytes"; }

TextCheck LengthCheck(std::size_t most) {
  return [most](std::string_view text) -> std::optional<std::string> {
    const bool fits = !text.empty() && text.size() <= most;
    if (fits && text.find('\0') == std::string_view::npos) return std::nullopt;
    return "is not a text of " + BytesText(most);
  };
}

std::optional<std::string> CheckListen(std::string_view text) {
  if (ParseListenAddress(text)) return std::nullopt;
  return "is not ADDRESS:PORT, such as 127.0.0.1:7979 or [::1]:7979";
}

std::optional<std::string> CheckHost(std::string_view text) {
  constexpr std::size_t kMost = 253;
  const auto allowed = [](char c) {
    return IsLetterOrDigit(c) || c == '.' || c == '-' || c == '_';
  };
  const bool is_name = !text.empty() && text.size() <= kMost && text.back() != '.' &&
                       std::all_of(text.begin(), text.end(), allowed);
  const bool is_address = text.starts_with('[') && ParseListenAddress(std::string(text) + ":0");
  if (text == "*" || is_name || is_address) return std::nullopt;
  return "is not a host's name or address without a port, such as freshet.example, nor *";
}

std::optional<std::string> CheckBrokers(std::string_view text) {
  constexpr std::size_t kMost = 4096;
  if (text.size() <= kMost && text.find('\0') == std::string_view::npos) return std::nullopt;
  return "is not HOST:PORT, several separated by commas, of at most 4096 bytes";
}

std::optional<std::string> CheckTopic(std::string_view text) {
  const auto allowed = [](char c) {
    return IsLetterOrDigit(c) || c == '.' || c == '-' || c == '_';
  };
  const bool good = !text.empty() && text.size() <= kMaximumTopicBytes && text != "." &&
                    text != ".." && std::all_of(text.begin(), text.end(), allowed);
  if (good) return std::nullopt;
  return "is not a topic's name of " + std::string(kTopicRule);
}

std::optional<std::string> CheckOptionalTopic(std::string_view text) {
  return text.empty() ? std::nullopt : CheckTopic(text);
}

std::optional<std::string> CheckStartAt(std::string_view text) {
  if (text == "earliest" || text == "latest") return std::nullopt;
  if (core::ParseTime("the time", text)) return std::nullopt;
  return "is not earliest, latest or a time such as 2026-01-31T12:00:00Z";
}

std::optional<std::string> CheckName(std::string_view text) {
  const auto plain = [](char c) { return IsLetterOrDigit(c); };
  const bool good = !text.empty() && text.size() <= kMaximumNameBytes && plain(text.front()) &&
                    std::all_of(text.begin(), text.end(),
                                [&](char c) { return plain(c) || c == '-' || c == '_'; });
  if (good) return std::nullopt;
  return "is not a name of " + std::string(kNameRule);
}

}  // namespace freshet::config
