#include "daemon/record_json.h"

#include <utility>

#include "core/column_name.h"
#include "core/shown_text.h"
#include "daemon/column_json.h"
#include "daemon/envelope.h"
#include "daemon/json_writer.h"
#include "daemon/known_members.h"

namespace freshet::daemon {
namespace json = boost::json;
namespace {

constexpr std::string_view kInProperties = "; metadata stand in properties";

const KnownMembers& RecordMembers(std::string_view id_member) {
  static const KnownMembers item(
      "an item's record", {"itemId", "properties"},
      {{"id", "itemId"}, {"item", "itemId"}, {"metadata", "properties"}, {"props", "properties"}},
      kInProperties);
  static const KnownMembers user(
      "a user's record", {"userId", "properties"},
      {{"id", "userId"}, {"user", "userId"}, {"metadata", "properties"}, {"props", "properties"}},
      kInProperties);
  return id_member == "itemId" ? item : user;
}

core::Result<Record> ReadRecord(std::string_view id_member, const json::object& object) {
  JsonMembers members(object, {}, Manners::kOwn);
  Record record;
  record.id = members.Id(id_member);
  record.columns = ReadColumns(&members, kMaximumItemPropertiesBytes);
  FRESHET_RETURN_IF_ERROR(members.status());
  return record;
}

core::Status CheckSameId(std::string_view id_member, std::string_view id,
                         std::string_view in_body) {
  if (in_body.empty() || in_body == id) return {};
  return core::InvalidArgument(std::string(id_member) + " is " + core::ShownText(in_body) +
                               " in the body, but the path says " + core::ShownText(id));
}

}  // namespace

std::vector<core::Column> ReadColumns(JsonMembers* members, std::size_t maximum_bytes) {
  const json::value* value = members->Find("properties");
  if (value == nullptr) return {};
  if (value->is_object()) {
    core::Result<std::vector<core::Column>> columns = DecodeColumns(value->get_object());
    if (columns) return std::move(*columns);
    members->Fail("properties:", columns.error().message);
    return {};
  }
  const std::string_view text = members->Text("properties", {1, maximum_bytes});
  if (members->failed()) return {};
  JsonArena arena;
  const core::Result<json::object> object =
      arena.ParseObject("properties", text, Numbers::kAsWritten);
  if (!object) {
    members->Fail(core::InvalidArgument("Error parsing properties json: " + members->path() +
                                        object.error().message));
    return {};
  }
  core::Result<std::vector<core::Column>> columns = DecodeColumns(*object);
  if (columns) return std::move(*columns);
  members->Fail("properties:", columns.error().message);
  return {};
}

core::Result<Record> DecodeRecord(std::string_view id_member, std::string_view json) {
  JsonArena arena;
  const core::Result<json::object> object =
      arena.ParseObject("the message", json, Numbers::kAsWritten);
  if (!object) return object.error();
  const core::Result<Unwrapped> opened = OpenDocument(*object, RecordMembers(id_member));
  if (!opened) return opened.error();
  if (opened->document == nullptr) return Record{{}, {}, true};
  return ReadRecord(id_member, *opened->document);
}

core::Result<std::vector<core::Column>> DecodeMetadata(std::string_view id_member,
                                                       std::string_view id, std::string_view json) {
  JsonArena arena;
  core::Result<json::object> object = arena.ParseObject("the metadata", json, Numbers::kAsWritten);
  if (!object) return object.error();
  if (object->contains("properties")) {
    FRESHET_RETURN_IF_ERROR(RecordMembers(id_member).Check(*object));
    core::Result<Record> record = ReadRecord(id_member, *object);
    if (!record) return record.error();
    FRESHET_RETURN_IF_ERROR(CheckSameId(id_member, id, record->id));
    return std::move(record->columns);
  }
  JsonMembers members(*object, {}, Manners::kOwn);
  const std::string in_body = members.Id(id_member);
  FRESHET_RETURN_IF_ERROR(members.status());
  FRESHET_RETURN_IF_ERROR(CheckSameId(id_member, id, in_body));
  object->erase({id_member.data(), id_member.size()});
  core::Result<std::vector<core::Column>> columns = DecodeColumns(*object);
  if (!columns) return columns.error().With("the metadata");
  return columns;
}

std::string EncodeRecord(std::string_view id_member, const std::string& id,
                         std::span<const core::Column> columns) {
  std::string text;
  JsonWriter json(&text);
  json.BeginObject();
  json.Field(id_member, id);
  json.Key("properties");
  json.BeginObject();
  for (const core::Column& column : columns) {
    json.Key(column.name);
    WriteColumnValue(column.value, &json);
  }
  json.EndObject();
  json.EndObject();
  return text;
}

}  // namespace freshet::daemon
