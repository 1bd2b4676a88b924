// What the columns of an item or a user say as text: whole, or as the category values a|b|c.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "core/log_entry.h"
#include "core/multi_value.h"

namespace freshet::core {

// A number as it was written, a flag as true or false. A view into `value`.
inline std::string_view TextOf(const ColumnValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<Number>(&value)) return number->text();
  return std::get<bool>(value) ? "true" : "false";
}

// Calls visit(text) for each of `columns` that `names` lists, in the order of `names`: the category
// 77 is one whether it was written as a number or as a string.
template <typename Visit>
void ForEachText(std::span<const std::string> names, std::span<const Column> columns,
                 Visit&& visit) {
  for (const std::string& name : names) {
    for (const Column& column : columns) {
      if (column.name == name) visit(TextOf(column.value));
    }
  }
}

// Calls visit(value) for each value of those texts, in order.
template <typename Visit>
void ForEachCategoryValue(std::span<const std::string> names, std::span<const Column> columns,
                          Visit&& visit) {
  ForEachText(names, columns, [&](std::string_view text) { ForEachValue(text, visit); });
}

}  // namespace freshet::core
