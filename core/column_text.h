// What the text columns of an item or a user say: whole, or as the category values a|b|c.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "core/log_entry.h"

namespace freshet::core {

// Calls visit(text) for each of `columns` that is text and that `names` lists, in their order.
template <typename Visit>
void ForEachText(std::span<const std::string> names, std::span<const Column> columns,
                 Visit&& visit) {
  for (const std::string& name : names) {
    for (const Column& column : columns) {
      const auto* text = std::get_if<std::string>(&column.value);
      if (column.name == name && text != nullptr) visit(std::string_view(*text));
    }
  }
}

// Calls visit(value) for each value a, b and c of texts a|b|c, in order; empty ones are none.
template <typename Visit>
void ForEachCategoryValue(std::span<const std::string> names, std::span<const Column> columns,
                          Visit&& visit) {
  ForEachText(names, columns, [&](std::string_view text) {
    while (!text.empty()) {
      const std::string_view value = text.substr(0, text.find('|'));
      if (!value.empty()) visit(value);
      text.remove_prefix(std::min(text.size(), value.size() + 1));
    }
  });
}

}  // namespace freshet::core
