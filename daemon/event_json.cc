#include "daemon/event_json.h"

#include <iterator>
#include <utility>

#include "daemon/envelope.h"
#include "daemon/event_members.h"
#include "daemon/json_document.h"
#include "daemon/json_writer.h"
#include "daemon/put_json.h"

namespace freshet::daemon {
namespace json = boost::json;
namespace {

core::Result<core::Event> ReadFlatEvent(const json::object& object, std::int64_t received_ms) {
  JsonMembers members(object, {}, Manners::kOwn);
  core::Event event;
  event.user_id = members.Id("userId");
  event.session_id = members.Id("sessionId");
  if (event.user_id.empty() && event.session_id.empty()) {
    members.Fail(core::InvalidArgument(
        "userId and sessionId are both missing or empty, one of them is required"));
  }
  ReadEvent(&members, received_ms, &event);
  FRESHET_RETURN_IF_ERROR(members.status());
  return event;
}

core::Result<core::Event> DecodeFlatEvent(const json::object& object, std::int64_t received_ms) {
  const core::Result<Unwrapped> opened = OpenDocument(object, EventMembers());
  if (!opened) return opened.error();
  if (opened->document == nullptr) {
    return core::InvalidArgument("the envelope holds no event: its row was deleted");
  }
  return ReadFlatEvent(*opened->document, received_ms);
}

// Milliseconds as a reader takes them for what they are: small numbers are seconds to it.
void WriteTime(std::int64_t time_ms, JsonWriter* json) {
  constexpr std::int64_t kSurelyMilliseconds = 1'000'000'000'000;
  if (time_ms >= kSurelyMilliseconds) return json->Number(time_ms);
  json->Number(static_cast<double>(time_ms) / 1000);
}

}  // namespace

core::Result<core::Event> DecodeEvent(std::string_view json, std::int64_t received_ms) {
  JsonArena arena;
  const core::Result<json::object> object = arena.ParseObject("the event", json);
  if (!object) return object.error();
  return DecodeFlatEvent(*object, received_ms);
}

core::Status DecodeEventOrPutEvents(std::string_view json, std::int64_t received_ms,
                                    std::vector<core::LogEntry>* entries) {
  JsonArena arena;
  const core::Result<json::object> object = arena.ParseObject("the message", json);
  if (!object) return object.error();
  if (!object->contains("eventList")) {
    core::Result<core::Event> event = DecodeFlatEvent(*object, received_ms);
    if (!event) return event.error();
    entries->emplace_back(std::move(*event));
    return {};
  }
  core::Result<std::vector<core::LogEntry>> body = DecodePutEvents(*object);
  if (!body) return body.error();
  std::move(body->begin(), body->end(), std::back_inserter(*entries));
  return {};
}

std::string EncodeEvent(const core::Event& event) {
  std::string text;
  JsonWriter json(&text);
  const auto field = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) json.Field(name, value);
  };
  json.BeginObject();
  field("userId", event.user_id);
  field("sessionId", event.session_id);
  field("itemId", event.item_id);
  field("eventType", event.event_type);
  json.Key("sentAt");
  WriteTime(event.time_ms, &json);
  if (event.value) json.Field("eventValue", *event.value);
  field("eventId", event.event_id);
  field("recommendationId", event.recommendation_id);
  if (!event.impression.empty()) {
    json.Key("impression");
    json.BeginArray();
    for (const std::string& item : event.impression) json.String(item);
    json.EndArray();
  }
  field("properties", event.properties);
  if (!event.attribution_source.empty()) {
    json.Key("metricAttribution");
    json.BeginObject();
    json.Field("eventAttributionSource", event.attribution_source);
    json.EndObject();
  }
  json.EndObject();
  return text;
}

}  // namespace freshet::daemon
