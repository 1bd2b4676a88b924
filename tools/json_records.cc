#include "tools/json_records.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "daemon/column_json.h"
#include "daemon/record_json.h"

namespace freshet::tools {
namespace {

// Takes the id out of `columns`.
core::Result<std::string> TakeId(std::string_view member, std::string_view column,
                                 std::vector<core::Column>* columns) {
  const auto found = std::find_if(columns->begin(), columns->end(),
                                  [&](const core::Column& one) { return one.name == column; });
  if (found == columns->end()) return core::InvalidArgument(std::string(member) + " is missing");
  core::ColumnValue value = std::move(found->value);
  columns->erase(found);
  if (auto* text = std::get_if<std::string>(&value)) return std::move(*text);
  const auto* number = std::get_if<core::Number>(&value);
  if (number != nullptr && number->text().find_first_of(".eE") == std::string::npos) {
    return number->text();
  }
  return core::InvalidArgument(std::string(member) + " must be a string or an integer");
}

}  // namespace

core::LogEntry RecordEntry(InputKind kind, std::string id, std::vector<core::Column> columns) {
  if (kind == InputKind::kItems) return core::PutItem{std::move(id), std::move(columns)};
  return core::PutUser{std::move(id), std::move(columns)};
}

core::Result<core::LogEntry> DecodeRecordLine(InputKind kind, std::string_view json) {
  const bool is_item = kind == InputKind::kItems;
  const std::string_view member = is_item ? "itemId" : "userId";
  if (json.find("\"properties\"") != std::string_view::npos) {
    auto record = daemon::DecodeRecord(member, json);
    if (!record) return record.error();
    if (record->is_deleted) return core::InvalidArgument("the envelope holds no record");
    return RecordEntry(kind, std::move(record->id), std::move(record->columns));
  }
  auto columns = daemon::DecodeColumns(json);
  if (!columns) return columns.error();
  auto id = TakeId(member, is_item ? "ITEM_ID" : "USER_ID", &*columns);
  if (!id) return id.error();
  return RecordEntry(kind, std::move(*id), std::move(*columns));
}

}  // namespace freshet::tools
