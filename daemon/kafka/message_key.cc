#include "daemon/kafka/message_key.h"

#include <cstddef>
#include <cstdint>
#include <optional>

#include <boost/json.hpp>

#include "daemon/json_document.h"
#include "daemon/json_writer.h"

namespace freshet::daemon::kafka {
namespace {

namespace json = boost::json;

// A zero byte, then four bytes of the schema's id.
constexpr std::size_t kFramingBytes = 5;
constexpr std::size_t kShownBytes = 100;

bool MayBeJson(std::string_view text) {
  return !text.empty() && (text[0] == '"' || text[0] == '{' || text[0] == '[');
}

bool IsFramed(std::string_view bytes) { return bytes.size() >= kFramingBytes && bytes[0] == '\0'; }

std::optional<std::string> TextOf(const json::value& value) {
  if (value.is_string()) return std::string(View(value.get_string()));
  if (value.is_int64()) return std::to_string(value.get_int64());
  if (value.is_uint64()) return std::to_string(value.get_uint64());
  return std::nullopt;
}

// Of {"schema": ..., "payload": ...}.
const json::value& PayloadOf(const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr || object->size() != 2 || !object->contains("schema")) return value;
  const json::value* payload = object->if_contains("payload");
  return payload == nullptr ? value : *payload;
}

std::optional<std::string> IdIn(std::string_view member, const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr) return TextOf(value);
  if (const json::value* named = object->if_contains(member)) return TextOf(*named);
  return object->size() == 1 ? TextOf(object->begin()->value()) : std::nullopt;
}

}  // namespace

core::Result<std::string> IdInKey(std::string_view member, std::string_view key) {
  FRESHET_RETURN_IF_ERROR(CheckFraming("the key", key));
  if (!MayBeJson(key)) return std::string(key);
  JsonArena arena;
  const core::Result<json::value> value = arena.Parse(key);
  if (!value) return std::string(key);
  if (auto id = IdIn(member, PayloadOf(*value))) return *std::move(id);
  return core::InvalidArgument(
      "the key " + std::string(key.substr(0, kShownBytes)) + " names no single " +
      std::string(member) +
      ": write the id itself as the key (StringSerializer; in Kafka Connect "
      "key.converter=org.apache.kafka.connect.storage.StringConverter)");
}

std::string KeyOfId(const std::string& id) {
  if (!MayBeJson(id) && !IsFramed(id)) return id;
  std::string key;
  JsonWriter(&key).String(id);
  return key;
}

core::Status CheckFraming(std::string_view what, std::string_view bytes) {
  if (!IsFramed(bytes)) return {};
  std::uint32_t schema = 0;
  for (const char byte : bytes.substr(1, kFramingBytes - 1)) {
    schema = schema << 8 | static_cast<unsigned char>(byte);
  }
  return core::InvalidArgument(
      std::string(what) + " begins with a zero byte and the number " + std::to_string(schema) +
      ", as the Schema Registry's serializers write it: keys are to be plain text and values plain "
      "JSON (StringSerializer; in Kafka Connect "
      "value.converter=org.apache.kafka.connect.json.JsonConverter and "
      "value.converter.schemas.enable=false)");
}

}  // namespace freshet::daemon::kafka
