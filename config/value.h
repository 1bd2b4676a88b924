// Value: what stands behind a key, whichever source it came from: a TOML file, an environment
// variable or a flag.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace freshet::config {

// Something a TOML file may hold that no key wants: a date, a table, a mixed array.
struct Unsuited {
  std::string text;  // how a message calls it: "a date", ...
};

using TextList = std::vector<std::string>;
using Value = std::variant<bool, std::int64_t, double, std::string, TextList, Unsuited>;

enum class Kind { kBool, kWhole, kDecimal, kText, kTextList };

// "true or false", "a whole number", "a number", "text", "a list of texts".
std::string_view KindName(Kind kind);

// Reads a variable's or a flag's text as a value of that kind; a list is separated by commas. Text
// that is no such value comes back as text, for the key to refuse in its own words.
Value ValueFromText(Kind kind, std::string_view text);

// The value as TOML writes it; an Unsuited as its text.
std::string ToToml(const Value& value);

}  // namespace freshet::config
