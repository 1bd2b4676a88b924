#include "daemon/json_elements.h"

#include <string>

namespace freshet::daemon {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

core::Error EndsTooEarly() {
  return core::InvalidArgument("not valid JSON: the text ends too early");
}

core::Error NotValidAt(std::size_t position, std::string_view why) {
  return core::InvalidArgument("not valid JSON at byte " + std::to_string(position) + ": " +
                               std::string(why));
}

std::string_view Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

// Behind the quote that ends the string whose first character is at `at`.
std::size_t EndOfString(std::string_view text, std::size_t at) {
  for (at = text.find_first_of("\"\\", at); at < text.size(); at = text.find_first_of("\"\\", at)) {
    if (text[at] == '"') return at + 1;
    at += 2;
  }
  return std::string_view::npos;
}

// Where the comma or bracket is that ends the element at `at`; npos when the text ends first.
std::size_t EndOfElement(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = EndOfString(text, at + 1);
      continue;
    }
    if (depth == 0 && (c == ',' || c == ']')) return at;
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && depth > 0) --depth;
    ++at;
  }
  return std::string_view::npos;
}

}  // namespace

core::Status JsonElements::Begin(std::string_view text) {
  began_ = true;
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return EndsTooEarly();
  if (text[first] != '[') return core::InvalidArgument("not a JSON array");
  position_ = first + 1;
  const std::size_t next = text.find_first_not_of(kBlanks, position_);
  if (next != std::string_view::npos && text[next] == ']') {
    position_ = next + 1;
    ended_ = true;
  }
  return {};
}

core::Result<std::optional<std::string_view>> JsonElements::End(std::string_view text) {
  const std::size_t behind = text.find_first_not_of(kBlanks, position_);
  if (behind == std::string_view::npos) return std::optional<std::string_view>();
  return NotValidAt(behind, "text after the end of the value");
}

core::Result<std::optional<std::string_view>> JsonElements::Next(std::string_view text) {
  if (!began_) {
    const core::Status begun = Begin(text);
    if (!begun.ok()) return begun.error();
  }
  if (ended_) return End(text);
  const std::size_t end = EndOfElement(text, position_);
  if (end == std::string_view::npos) return EndsTooEarly();
  const std::string_view element = Trimmed(text.substr(position_, end - position_));
  if (element.empty()) return NotValidAt(end, "a value is missing");
  ended_ = text[end] == ']';
  position_ = end + 1;
  return std::optional<std::string_view>(element);
}

}  // namespace freshet::daemon
