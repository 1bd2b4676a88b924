// JsonWriter: writes JSON straight into a string, without building a document first.
//
// It places commas; the caller keeps objects and arrays balanced and puts a Key before each value
// of an object. Text is taken to be valid UTF-8 (everything in state is). Lives on the stack, does
// not own the string; single-threaded.
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace freshet::daemon {

class JsonWriter {
 public:
  explicit JsonWriter(std::string* out) : out_(out) {}

  void BeginObject() { Begin('{'); }
  void EndObject() { End('}'); }
  void BeginArray() { Begin('['); }
  void EndArray() { End(']'); }

  void Key(std::string_view name) {
    Quote(name, 1);
    out_->back() = ':';
    needs_comma_ = false;
  }

  void String(std::string_view text) {
    Quote(text, 0);
    needs_comma_ = true;
  }

  template <typename T>
  requires(std::integral<T> && !std::same_as<T, bool>) void Number(T value) {
    Separate();
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
    out_->append(digits, static_cast<std::size_t>(end - digits));
    needs_comma_ = true;
  }

  // The shortest text that reads back as the same number; null when it is not finite. Whole numbers
  // have no exponent: a client that reads a timestamp as an integer would trip over 1.5e+09.
  void Number(double value) {
    constexpr double kExact = 1LL << 53;
    if (value == std::trunc(value) && std::abs(value) < kExact) {
      return Number(static_cast<std::int64_t>(value));
    }
    if (!std::isfinite(value)) return Null();
    Separate();
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
    out_->append(digits, static_cast<std::size_t>(end - digits));
    needs_comma_ = true;
  }

  // A score with about seven significant decimals, as Personalize writes them: cheaper than
  // Number, and enough to order by.
  void Score(double value) {
    constexpr double kScale = 1e7;
    if (!(value >= 1e-3 && value < 1e8)) return SmallScore(value);
    const auto scaled = static_cast<std::uint64_t>(value * kScale + 0.5);
    char digits[32];
    digits[0] = ',';
    const char* begin = digits + (needs_comma_ ? 0 : 1);
    char* end = std::to_chars(digits + 1, digits + sizeof(digits), scaled / 10'000'000).ptr;
    *end++ = '.';
    auto fraction = static_cast<std::uint32_t>(scaled % 10'000'000);
    for (int place = 6; place >= 0; --place) {
      end[place] = static_cast<char>('0' + fraction % 10);
      fraction /= 10;
    }
    out_->append(begin, static_cast<std::size_t>(end + 7 - begin));
    needs_comma_ = true;
  }

  void Bool(bool value) { Raw(value ? "true" : "false"); }
  void Null() { Raw("null"); }

  // `json` is one whole JSON value.
  void Raw(std::string_view json) {
    Separate();
    out_->append(json);
    needs_comma_ = true;
  }

  // Key and value in one.
  void Field(std::string_view name, std::string_view text) {
    Key(name);
    String(text);
  }
  void Field(std::string_view name, const char* text) { Field(name, std::string_view(text)); }
  template <typename T>
  requires std::is_arithmetic_v<T>
  void Field(std::string_view name, T value) {
    Key(name);
    if constexpr (std::same_as<T, bool>) {
      Bool(value);
    } else {
      Number(value);
    }
  }

 private:
  void Separate() {
    if (needs_comma_) out_->push_back(',');
  }
  void Begin(char bracket) {
    Separate();
    out_->push_back(bracket);
    needs_comma_ = false;
  }
  void End(char bracket) {
    out_->push_back(bracket);
    needs_comma_ = true;
  }

  void SmallScore(double value) {
    if (!std::isfinite(value)) return Null();
    Separate();
    char digits[32];
    const auto end =
        std::to_chars(digits, digits + sizeof(digits), value, std::chars_format::general, 7).ptr;
    out_->append(digits, static_cast<std::size_t>(end - digits));
    needs_comma_ = true;
  }

  // The text between quotes, after a comma where one is due, and then `room` characters to fill.
  void Quote(std::string_view text, std::size_t room) {
    // Most text is plain, and an answer has many pieces of it: each is one step.
    const std::size_t size = out_->size();
    out_->resize(size + (needs_comma_ ? 1 : 0) + text.size() + 2 + room);
    char* to = &(*out_)[size];
    if (needs_comma_) *to++ = ',';
    *to++ = '"';
    bool is_plain = true;
    for (const char c : text) {
      is_plain &= IsPlain(c);
      *to++ = c;
    }
    *to = '"';
    if (is_plain) return;
    out_->resize(size);
    Separate();
    QuoteEscaped(text);
    out_->append(room, ' ');
  }

  static bool IsPlain(char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
  }

  void QuoteEscaped(std::string_view text) {
    out_->push_back('"');
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (IsPlain(text[i])) continue;
      out_->append(text.substr(start, i - start));
      Escape(text[i]);
      start = i + 1;
    }
    out_->append(text.substr(start));
    out_->push_back('"');
  }

  void Escape(char c) {
    constexpr char kHex[] = "0123456789abcdef";
    switch (c) {
      case '"':
        out_->append("\\\"");
        return;
      case '\\':
        out_->append("\\\\");
        return;
      case '\n':
        out_->append("\\n");
        return;
      case '\r':
        out_->append("\\r");
        return;
      case '\t':
        out_->append("\\t");
        return;
      default:
        out_->append("\\u00");
        out_->push_back(kHex[(c >> 4) & 0xF]);
        out_->push_back(kHex[c & 0xF]);
    }
  }

  std::string* out_;
  bool needs_comma_ = false;
};

}  // namespace freshet::daemon
