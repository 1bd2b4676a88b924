#include "daemon/event_json.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include "core/parse_time.h"
#include "core/validate.h"
#include "daemon/json_document.h"
#include "daemon/json_writer.h"

namespace freshet::daemon {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaximumElements = 10;
constexpr std::size_t kMaximumItemPropertiesBytes = 32'000;
constexpr std::size_t kMaximumUserPropertiesBytes = 24'000;
constexpr TextLimits kArnLimits{1, 256};

char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ToLower(x) == ToLower(y); });
}

// Members of an event that Personalize refuses inside `properties`.
bool IsForbiddenProperty(std::string_view name) {
  constexpr std::string_view kForbidden[] = {"userId",    "sessionId",        "eventType",
                                             "timestamp", "recommendationId", "impression"};
  return std::any_of(std::begin(kForbidden), std::end(kForbidden), [&](std::string_view forbidden) {
    return EqualsIgnoringCase(name, forbidden);
  });
}

// itemId and eventValue as older samples of Personalize send them: inside `properties`, perhaps
// numbers as text. What is no id or number there is some other property and is passed over.
void ReadFromProperties(const json::object& properties, core::Event* event, JsonMembers* members) {
  if (const json::value* item = properties.if_contains("itemId");
      item != nullptr && event->item_id.empty()) {
    if (item->is_string()) {
      event->item_id = View(item->get_string());
    } else if (item->is_int64() || item->is_uint64()) {
      event->item_id = json::serialize(*item);
    }
    if (event->item_id.size() > core::kMaximumIdBytes) {
      members->Fail("properties.itemId",
                    "has " + std::to_string(event->item_id.size()) + " bytes, the limit is 256");
    }
  }
  if (const json::value* value = properties.if_contains("eventValue");
      value != nullptr && !event->value) {
    std::optional<double> number;
    if (value->is_number()) number = value->to_number<double>();
    if (value->is_string()) number = NumberFromText(View(value->get_string()));
    if (number && std::isfinite(*number)) event->value = number;
  }
}

void CheckProperties(const json::object& properties, core::Event* event, JsonMembers* members) {
  for (const auto& [name, ignored] : properties) {
    if (IsForbiddenProperty({name.data(), name.size()})) {
      members->Fail("properties", "has the member " + std::string(name.data(), name.size()) +
                                      ", which belongs to the event itself");
    }
  }
  ReadFromProperties(properties, event, members);
}

void ReadProperties(JsonMembers* members, core::Event* event) {
  const json::value* value = members->Find("properties");
  if (value == nullptr) return;
  if (const json::object* properties = value->if_object(); properties != nullptr) {
    event->properties = json::serialize(*properties);
    if (event->properties.size() > core::kMaximumEventPropertiesBytes) {
      members->Fail("properties", "has " + std::to_string(event->properties.size()) +
                                      " bytes, the limit is " +
                                      std::to_string(core::kMaximumEventPropertiesBytes));
    }
    return CheckProperties(*properties, event, members);
  }
  event->properties = members->Text("properties", {1, core::kMaximumEventPropertiesBytes});
  if (members->failed()) return;
  JsonArena arena;
  const core::Result<json::object> properties = arena.ParseObject("properties", event->properties);
  if (properties) return CheckProperties(*properties, event, members);
  // The words of Personalize, which its users search for.
  members->Fail(core::InvalidArgument("Error parsing properties json: " + members->path() +
                                      properties.error().message));
}

void ReadSentAt(JsonMembers* members, std::optional<std::int64_t> received_ms, core::Event* event) {
  const json::value* value = members->Find("sentAt");
  if (value == nullptr) {
    if (received_ms) {
      event->time_ms = *received_ms;
    } else {
      members->Fail("sentAt", "is missing");
    }
    return;
  }
  if (!value->is_number() && !value->is_string()) {
    members->Fail("sentAt", "is " + std::string(KindOf(*value)) +
                                ", it must be a time in seconds since 1970 or in ISO 8601");
    return;
  }
  const std::string name = members->path() + "sentAt";
  const core::Result<std::int64_t> time =
      value->is_number() ? core::TimeFromNumber(name, value->to_number<double>())
                         : core::ParseTime(name, View(value->get_string()));
  if (!time) return members->Fail(time.error());
  event->time_ms = *time;
}

void ReadImpression(JsonMembers* members, core::Event* event) {
  const json::array* impression = members->Array("impression", 1, core::kMaximumImpressions);
  if (impression == nullptr) return;
  for (const json::value& item : *impression) {
    const json::string* text = item.if_string();
    if (text == nullptr || text->empty() || text->size() > core::kMaximumIdBytes) {
      members->Fail("impression", "has an element that is no string of 1 to 256 bytes");
      return;
    }
    event->impression.emplace_back(View(*text));
  }
}

void ReadAttribution(JsonMembers* members, core::Event* event) {
  const json::object* attribution = members->Object("metricAttribution");
  if (attribution == nullptr) return;
  JsonMembers source(*attribution, members->path() + "metricAttribution.");
  const std::string_view text =
      source.RequiredText("eventAttributionSource", {1, core::kMaximumAttributionBytes});
  if (std::any_of(text.begin(), text.end(), [](char c) { return c < 0x20 || c > 0x7E; }) ||
      text.find_first_not_of(' ') == std::string_view::npos) {
    source.Fail("eventAttributionSource", "must be printable ASCII and not blank");
  }
  if (source.failed()) return members->Fail(source.status().error());
  event->attribution_source = text;
}

// The members that an event has on every wire.
void ReadEvent(JsonMembers* members, std::optional<std::int64_t> received_ms, core::Event* event) {
  event->item_id = members->Text("itemId");
  event->event_type = members->RequiredText("eventType");
  event->value = members->Number("eventValue");
  event->event_id = members->Text("eventId");
  event->recommendation_id =
      members->Text("recommendationId", {1, core::kMaximumRecommendationIdBytes});
  ReadSentAt(members, received_ms, event);
  ReadImpression(members, event);
  ReadAttribution(members, event);
  ReadProperties(members, event);
  if (event->item_id.empty()) {
    members->Fail("itemId", "is missing, in the event and in its properties");
  }
}

core::Result<core::Event> DecodeFlatEvent(const json::object& object, std::int64_t received_ms) {
  JsonMembers members(object);
  core::Event event;
  event.user_id = members.Text("userId");
  event.session_id = members.Text("sessionId");
  if (event.user_id.empty() && event.session_id.empty()) {
    members.Fail(
        core::InvalidArgument("userId and sessionId are both missing, one of them is required"));
  }
  ReadEvent(&members, received_ms, &event);
  FRESHET_RETURN_IF_ERROR(members.status());
  return event;
}

// `properties` of one element of PutItems or PutUsers: a string that holds an object.
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
  const core::Result<json::object> object = arena.ParseObject("properties", text);
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

// The dataset's type is the ARN's last segment; everything before it names AWS things.
void CheckDatasetArn(JsonMembers* body, std::string_view type) {
  const std::string_view arn = body->RequiredText("datasetArn", kArnLimits);
  const std::string_view last = arn.substr(arn.find_last_of("/:") + 1);
  if (!EqualsIgnoringCase(last, type)) {
    body->Fail("datasetArn",
               "must end in /" + std::string(type) + ", this ends in /" + std::string(last));
  }
}

// Decodes each element of the body's array `name` by `decode(members) -> LogEntry`.
template <typename Decode>
core::Result<std::vector<core::LogEntry>> DecodeElements(JsonMembers* body, std::string_view name,
                                                         Decode&& decode) {
  const json::array* elements = body->RequiredArray(name, 1, kMaximumElements);
  FRESHET_RETURN_IF_ERROR(body->status());
  std::vector<core::LogEntry> entries;
  entries.reserve(elements->size());
  for (std::size_t i = 0; i < elements->size(); ++i) {
    const std::string path = std::string(name) + "[" + std::to_string(i) + "]";
    const json::object* element = (*elements)[i].if_object();
    if (element == nullptr) {
      return core::InvalidArgument(path + " is " + std::string(KindOf((*elements)[i])) +
                                   ", it must be an object");
    }
    JsonMembers members(*element, path + ".");
    entries.push_back(decode(&members));
    FRESHET_RETURN_IF_ERROR(members.status());
  }
  return entries;
}

core::Result<std::vector<core::LogEntry>> DecodePutEventsBody(const json::object& object) {
  JsonMembers body(object);
  body.RequiredText("trackingId");
  const std::string_view user = body.Text("userId");
  const std::string_view session = body.RequiredText("sessionId");
  return DecodeElements(&body, "eventList", [&](JsonMembers* members) {
    core::Event event;
    event.user_id = user;
    event.session_id = session;
    ReadEvent(members, std::nullopt, &event);
    return core::LogEntry(std::move(event));
  });
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

core::Result<std::vector<core::Result<core::Event>>> DecodeEventArray(std::string_view json,
                                                                      std::int64_t received_ms,
                                                                      std::size_t maximum) {
  JsonArena arena;
  const core::Result<json::value> body = arena.Parse(json);
  if (!body) return body.error().With("the body");
  const json::array* array = body->if_array();
  if (array == nullptr) {
    return core::InvalidArgument("the body is " + std::string(KindOf(*body)) +
                                 ", it must be an array of events");
  }
  if (array->size() > maximum) {
    return core::InvalidArgument("the body has " + std::to_string(array->size()) +
                                 " events, the limit is " + std::to_string(maximum));
  }
  std::vector<core::Result<core::Event>> events;
  events.reserve(array->size());
  for (const json::value& element : *array) {
    if (const json::object* object = element.if_object(); object != nullptr) {
      events.push_back(DecodeFlatEvent(*object, received_ms));
    } else {
      events.emplace_back(core::InvalidArgument("the event is " + std::string(KindOf(element)) +
                                                ", it must be a JSON object"));
    }
  }
  return events;
}

core::Result<std::vector<core::LogEntry>> DecodePutEvents(std::string_view json) {
  JsonArena arena;
  const core::Result<json::object> object = arena.ParseObject("the body", json);
  if (!object) return object.error();
  return DecodePutEventsBody(*object);
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
  core::Result<std::vector<core::LogEntry>> body = DecodePutEventsBody(*object);
  if (!body) return body.error();
  std::move(body->begin(), body->end(), std::back_inserter(*entries));
  return {};
}

core::Result<Record> DecodeRecord(std::string_view id_member, std::string_view json) {
  JsonArena arena;
  const core::Result<json::object> object = arena.ParseObject("the message", json);
  if (!object) return object.error();
  JsonMembers members(*object);
  Record record;
  record.id = members.Text(id_member);
  if (!object->contains("properties")) {
    for (const auto& [name, ignored] : *object) {
      if (std::string_view(name.data(), name.size()) == id_member) continue;
      members.Fail("properties", "is missing, and " + std::string(name.data(), name.size()) +
                                     " is no member of a record");
    }
  }
  record.columns = ReadColumns(&members, kMaximumItemPropertiesBytes);
  FRESHET_RETURN_IF_ERROR(members.status());
  return record;
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

core::Result<std::vector<core::LogEntry>> DecodePutItems(std::string_view json) {
  JsonArena arena;
  const core::Result<json::object> object = arena.ParseObject("the body", json);
  if (!object) return object.error();
  JsonMembers body(*object);
  CheckDatasetArn(&body, "ITEMS");
  return DecodeElements(&body, "items", [](JsonMembers* members) {
    core::PutItem put;
    put.item_id = members->RequiredText("itemId");
    put.columns = ReadColumns(members, kMaximumItemPropertiesBytes);
    return core::LogEntry(std::move(put));
  });
}

core::Result<std::vector<core::LogEntry>> DecodePutUsers(std::string_view json) {
  JsonArena arena;
  const core::Result<json::object> object = arena.ParseObject("the body", json);
  if (!object) return object.error();
  JsonMembers body(*object);
  CheckDatasetArn(&body, "USERS");
  return DecodeElements(&body, "users", [](JsonMembers* members) {
    core::PutUser put;
    put.user_id = members->RequiredText("userId");
    put.columns = ReadColumns(members, kMaximumUserPropertiesBytes);
    return core::LogEntry(std::move(put));
  });
}

}  // namespace freshet::daemon
