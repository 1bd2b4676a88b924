#include "core/number.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "core/ascii.h"

namespace freshet::core {
namespace {

// Takes the digits that `text` begins with away from it; how many there were.
std::size_t TakeDigits(std::string_view* text) {
  std::size_t count = 0;
  while (count < text->size() && IsDigit((*text)[count])) ++count;
  text->remove_prefix(count);
  return count;
}

// The grammar of RFC 8259, section 6.
bool IsJsonNumber(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool leads_with_zero = text.starts_with('0');
  const std::size_t whole = TakeDigits(&text);
  if (whole == 0 || (leads_with_zero && whole > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (TakeDigits(&text) == 0) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (TakeDigits(&text) == 0) return false;
  }
  return text.empty();
}

// Whether a number beyond the range of double is too small for it rather than too large.
bool IsNearZero(std::string_view text) {
  if (const std::size_t exponent = text.find_first_of("eE"); exponent != text.npos) {
    return text[exponent + 1] == '-';
  }
  if (text.starts_with('-')) text.remove_prefix(1);
  return text.starts_with('0');
}

double ValueOf(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc::result_out_of_range) return value;
  return IsNearZero(text) ? 0 : std::numeric_limits<double>::infinity();
}

}  // namespace

std::optional<Number> Number::Parse(std::string_view text) {
  if (!IsJsonNumber(text) || !std::isfinite(ValueOf(text))) return std::nullopt;
  return Number(text);
}

double Number::value() const { return ValueOf(text_); }

}  // namespace freshet::core
