#include "daemon/column_json.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/column_name.h"
#include "core/validate.h"
#include "daemon/json_document.h"

namespace freshet::daemon {
namespace json = boost::json;
namespace {

core::Result<std::string> ColumnText(const json::array& values, const std::string& name) {
  std::string text;
  for (const json::value& value : values) {
    const json::string* one = value.if_string();
    if (one == nullptr) {
      return core::InvalidArgument(name + " has an element that is " + std::string(KindOf(value)) +
                                   ", it must hold strings");
    }
    if (!text.empty()) text.push_back('|');
    text += View(*one);
  }
  return text;
}

core::Result<core::ColumnValue> DecodeColumnValue(const json::value& value,
                                                  const std::string& name) {
  if (value.is_string()) return core::ColumnValue(std::string(View(value.get_string())));
  if (value.is_bool()) return core::ColumnValue(value.get_bool());
  if (value.is_number()) {
    const double number = value.to_number<double>();
    if (!std::isfinite(number)) return core::InvalidArgument(name + " is not a finite number");
    return core::ColumnValue(number);
  }
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
  const core::Result<json::object> object = arena.ParseObject("the metadata", json);
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
  if (const auto* number = std::get_if<double>(&value)) {
    json->Number(*number);
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
