#include "daemon/column_json.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/column_name.h"
#include "core/validate.h"
#include "daemon/exact_number_parser.h"
#include "daemon/json_document.h"

namespace freshet::daemon {
namespace json = boost::json;
namespace {

// A string, or a number or flag as it was written.
std::optional<std::string> ScalarText(const json::value& value) {
  if (std::optional<std::string> number = NumberText(value)) return number;
  if (value.is_string()) return std::string(View(value.get_string()));
  if (value.is_bool()) return value.get_bool() ? "true" : "false";
  return std::nullopt;
}

// Several values, as a|b|c.
core::Result<std::string> ColumnText(const json::array& values, const std::string& name) {
  std::string text;
  for (const json::value& value : values) {
    const std::optional<std::string> one = ScalarText(value);
    if (!one) {
      return core::InvalidArgument(name + " has an element that is " + std::string(KindOf(value)) +
                                   ", it must hold strings, numbers, true or false");
    }
    if (!text.empty()) text.push_back('|');
    text += *one;
  }
  return text;
}

core::Result<core::ColumnValue> DecodeColumnValue(const json::value& value,
                                                  const std::string& name) {
  if (const std::optional<std::string> text = NumberText(value)) {
    std::optional<core::Number> number = core::Number::Parse(*text);
    if (!number) return core::InvalidArgument(name + " is not a finite number");
    return core::ColumnValue(std::move(*number));
  }
  if (value.is_string()) return core::ColumnValue(std::string(View(value.get_string())));
  if (value.is_bool()) return core::ColumnValue(value.get_bool());
  if (value.is_array()) {
    core::Result<std::string> text = ColumnText(value.get_array(), name);
    if (!text) return text.error();
    return core::ColumnValue(std::move(*text));
  }
  return core::InvalidArgument(name +
                               " is an object, it must be a string, a number, true or false");
}

}  // namespace

core::Result<std::vector<core::Column>> DecodeColumns(const json::object& object) {
  std::vector<core::Column> columns;
  for (const auto& [key, value] : object) {
    if (value.is_null()) continue;
    const std::string_view name(key.data(), key.size());
    FRESHET_RETURN_IF_ERROR(core::ValidateId("a column name", name, core::kMaximumColumnNameBytes));
    core::Column column{core::ToSchemaName(name), {}};
    FRESHET_RETURN_IF_ERROR(
        core::ValidateId("a column name", column.name, core::kMaximumColumnNameBytes));
    core::Result<core::ColumnValue> decoded = DecodeColumnValue(value, std::string(name));
    if (!decoded) return decoded.error();
    column.value = std::move(*decoded);
    const bool repeated = std::any_of(columns.begin(), columns.end(),
                                      [&](const auto& other) { return other.name == column.name; });
    if (repeated) return core::InvalidArgument("the column " + column.name + " occurs twice");
    columns.push_back(std::move(column));
  }
  if (columns.size() > core::kMaximumColumns) {
    return core::InvalidArgument("has " + std::to_string(columns.size()) +
                                 " columns, the limit is " + std::to_string(core::kMaximumColumns));
  }
  return columns;
}

core::Result<std::vector<core::Column>> DecodeColumns(std::string_view json) {
  JsonArena arena;
  const core::Result<json::object> object =
      arena.ParseObject("the metadata", json, Numbers::kAsWritten);
  if (!object) return object.error();
  core::Result<std::vector<core::Column>> columns = DecodeColumns(*object);
  if (!columns) return columns.error().With("the metadata");
  return columns;
}

void WriteColumns(std::span<const core::Column> columns, JsonWriter* json) {
  json->BeginObject();
  for (const core::Column& column : columns) {
    json->Key(core::ToJsonName(column.name));
    WriteColumnValue(column.value, json);
  }
  json->EndObject();
}

void WriteColumnValue(const core::ColumnValue& value, JsonWriter* json) {
  if (const auto* number = std::get_if<core::Number>(&value)) {
    json->Raw(number->text());
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    json->Bool(*flag);
  } else {
    json->String(std::get<std::string>(value));
  }
}

std::string EncodeColumns(const std::vector<core::Column>& columns) {
  std::string text;
  JsonWriter writer(&text);
  WriteColumns(columns, &writer);
  return text;
}

}  // namespace freshet::daemon
