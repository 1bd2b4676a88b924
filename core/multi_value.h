// The values of a text with several of them, in Personalize's form "a|b|c".
#pragma once

#include <algorithm>
#include <string_view>

namespace freshet::core {

// Calls visit(value) for each value, in order. Blanks around a value do not belong to it, and an
// empty value is none.
template <typename Visit>
void ForEachValue(std::string_view text, Visit&& visit) {
  constexpr std::string_view kBlanks = " \t\r\n";
  while (!text.empty()) {
    std::string_view value = text.substr(0, text.find('|'));
    text.remove_prefix(std::min(text.size(), value.size() + 1));
    value.remove_prefix(std::min(value.size(), value.find_first_not_of(kBlanks)));
    value = value.substr(0, value.find_last_not_of(kBlanks) + 1);
    if (!value.empty()) visit(value);
  }
}

}  // namespace freshet::core
