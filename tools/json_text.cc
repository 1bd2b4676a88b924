#include "tools/json_text.h"

#include <array>
#include <charconv>
#include <cstdint>

namespace freshet::tools {
namespace {

void AppendMember(std::string_view name, std::string_view value, std::string* json) {
  if (value.empty()) return;
  *json += ",\"";
  *json += name;
  *json += "\":";
  AppendJsonString(value, json);
}

void AppendInteger(std::int64_t number, std::string* json) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  json->append(digits.data(), end);
}

// Epoch seconds, with the milliseconds as a fraction.
void AppendSeconds(std::int64_t time_ms, std::string* json) {
  if (time_ms < 0) {
    *json += '-';
    time_ms = -time_ms;
  }
  AppendInteger(time_ms / 1000, json);
  if (const auto rest = static_cast<int>(time_ms % 1000); rest != 0) {
    *json += '.';
    for (const int digit : {rest / 100, rest / 10 % 10, rest % 10}) {
      *json += static_cast<char>('0' + digit);
    }
  }
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* json) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  *json += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      *json += '\\';
      *json += c;
    } else if (byte >= 0x20) {
      *json += c;
    } else if (c == '\n') {
      *json += "\\n";
    } else if (c == '\t') {
      *json += "\\t";
    } else {
      *json += "\\u00";
      *json += kHex[byte >> 4];
      *json += kHex[byte & 15];
    }
  }
  *json += '"';
}

void AppendJsonNumber(double number, std::string* json) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  json->append(digits.data(), end);
}

void AppendEventLine(const core::Event& event, std::string* lines) {
  *lines += "{\"itemId\":";
  AppendJsonString(event.item_id, lines);
  AppendMember("userId", event.user_id, lines);
  AppendMember("sessionId", event.session_id, lines);
  AppendMember("eventType", event.event_type, lines);
  *lines += ",\"sentAt\":";
  AppendSeconds(event.time_ms, lines);
  if (event.value) {
    *lines += ",\"eventValue\":";
    AppendJsonNumber(*event.value, lines);
  }
  AppendMember("eventId", event.event_id, lines);
  AppendMember("recommendationId", event.recommendation_id, lines);
  if (!event.impression.empty()) {
    *lines += ",\"impression\":";
    char separator = '[';
    for (const std::string& item : event.impression) {
      *lines += separator;
      AppendJsonString(item, lines);
      separator = ',';
    }
    *lines += ']';
  }
  AppendMember("properties", event.properties, lines);
  if (!event.attribution_source.empty()) {
    *lines += ",\"metricAttribution\":{\"eventAttributionSource\":";
    AppendJsonString(event.attribution_source, lines);
    *lines += '}';
  }
  *lines += "}\n";
}

}  // namespace freshet::tools
