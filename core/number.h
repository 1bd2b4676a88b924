// Number: a number of metadata, kept as it was written, because a client gets back what it sent:
// 1.10, 9007199254740993 and 73928e03 have no other spelling.
//
// The text is a JSON number of finite value. A value type; immutable.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace freshet::core {

class Number {
 public:
  // None when `text` is not a JSON number, or not a finite one. Leading zeros ("007"), hexadecimal
  // digits, "inf" and blanks are no part of JSON numbers.
  static std::optional<Number> Parse(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }
  // The double nearest to the text.
  [[nodiscard]] double value() const;
  [[nodiscard]] bool has_exponent() const { return text_.find_first_of("eE") != text_.npos; }

  // By text: 1.1 and 1.10 differ.
  friend bool operator==(const Number&, const Number&) = default;

 private:
  explicit Number(std::string_view text) : text_(text) {}

  std::string text_;
};

}  // namespace freshet::core
