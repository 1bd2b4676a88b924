#include "config/value.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace freshet::config {
namespace {

std::string_view Trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

template <typename Number>
bool ParseNumber(std::string_view text, Number* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc() && end == text.data() + text.size();
}

TextList SplitAtCommas(std::string_view text) {
  TextList parts;
  if (Trimmed(text).empty()) return parts;
  for (;;) {
    const auto comma = text.find(',');
    parts.emplace_back(Trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04X", static_cast<unsigned>(byte));
      out += escape.data();
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string DecimalText(double number) {
  std::array<char, 32> digits{};
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  std::string text(digits.data(), result.ptr);
  // TOML tells a decimal from a whole number by its point.
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

struct TomlWriter {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return DecimalText(value); }
  std::string operator()(const std::string& value) const { return Quoted(value); }
  std::string operator()(const TextList& values) const {
    std::string out = "[";
    for (const std::string& value : values) {
      if (out.size() > 1) out += ", ";
      out += Quoted(value);
    }
    return out + "]";
  }
  std::string operator()(const Unsuited& value) const { return value.text; }
};

}  // namespace

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return "true or false";
    case Kind::kWhole:
      return "a whole number";
    case Kind::kDecimal:
      return "a number";
    case Kind::kText:
      return "text";
    case Kind::kTextList:
      return "a list of texts";
  }
  return "";
}

Value ValueFromText(Kind kind, std::string_view text) {
  switch (kind) {
    case Kind::kBool:
      if (text == "true") return true;
      if (text == "false") return false;
      break;
    case Kind::kWhole:
      if (std::int64_t number = 0; ParseNumber(text, &number)) return number;
      break;
    case Kind::kDecimal:
      if (double number = 0; ParseNumber(text, &number)) return number;
      break;
    case Kind::kText:
      break;
    case Kind::kTextList:
      return SplitAtCommas(text);
  }
  return std::string(text);
}

std::string ToToml(const Value& value) { return std::visit(TomlWriter{}, value); }

}  // namespace freshet::config
