#include "daemon/event_members.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <utility>

#include "core/parse_time.h"
#include "core/validate.h"

namespace freshet::daemon {
namespace json = boost::json;
namespace {

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

const KnownMembers& AttributionMembers() {
  static const KnownMembers known("metricAttribution", {"eventAttributionSource"}, {}, "");
  return known;
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
    if (members->manners() == Manners::kOwn) {
      if (std::optional<std::string> integer = IntegerText(item)) {
        event->impression.push_back(std::move(*integer));
        continue;
      }
    }
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
  const bool is_own = members->manners() == Manners::kOwn;
  if (is_own) {
    const core::Status known = AttributionMembers().Check(*attribution);
    if (!known.ok()) return members->Fail(known.error());
  }
  JsonMembers source(*attribution, members->path() + "metricAttribution.", members->manners());
  if (is_own && source.Find("eventAttributionSource") == nullptr) return;
  const std::string_view text =
      source.RequiredText("eventAttributionSource", {1, core::kMaximumAttributionBytes});
  if (std::any_of(text.begin(), text.end(), [](char c) { return c < 0x20 || c > 0x7E; }) ||
      text.find_first_not_of(' ') == std::string_view::npos) {
    source.Fail("eventAttributionSource", "must be printable ASCII and not blank");
  }
  if (source.failed()) return members->Fail(source.status().error());
  event->attribution_source = text;
}

}  // namespace

const KnownMembers& EventMembers() {
  static const KnownMembers known(
      "an event",
      {"userId", "sessionId", "itemId", "eventType", "eventValue", "sentAt", "eventId",
       "properties", "recommendationId", "impression", "metricAttribution"},
      {{"timestamp", "sentAt"},
       {"timestampms", "sentAt"},
       {"ts", "sentAt"},
       {"tsms", "sentAt"},
       {"time", "sentAt"},
       {"eventtime", "sentAt"},
       {"eventtimestamp", "sentAt"},
       {"datetime", "sentAt"},
       {"date", "sentAt"},
       {"createdat", "sentAt"},
       {"created", "sentAt"},
       {"occurredat", "sentAt"},
       {"at", "sentAt"},
       {"when", "sentAt"},
       {"user", "userId"},
       {"uid", "userId"},
       {"username", "userId"},
       {"visitorid", "userId"},
       {"visitor", "userId"},
       {"customerid", "userId"},
       {"customer", "userId"},
       {"clientid", "userId"},
       {"session", "sessionId"},
       {"sid", "sessionId"},
       {"anonymousid", "sessionId"},
       {"usersession", "sessionId"},
       {"item", "itemId"},
       {"iid", "itemId"},
       {"product", "itemId"},
       {"productid", "itemId"},
       {"sku", "itemId"},
       {"article", "itemId"},
       {"articleid", "itemId"},
       {"movieid", "itemId"},
       {"contentid", "itemId"},
       {"objectid", "itemId"},
       {"entityid", "itemId"},
       {"type", "eventType"},
       {"event", "eventType"},
       {"eventname", "eventType"},
       {"action", "eventType"},
       {"name", "eventType"},
       {"value", "eventValue"},
       {"rating", "eventValue"},
       {"score", "eventValue"},
       {"price", "eventValue"},
       {"id", "eventId"},
       {"messageid", "eventId"},
       {"uuid", "eventId"},
       {"insertid", "eventId"},
       {"impressions", "impression"},
       {"shown", "impression"},
       {"props", "properties"},
       {"attributes", "properties"},
       {"metadata", "properties"},
       {"recid", "recommendationId"},
       {"data", "properties"}},
      "; what is no member of an event may stand in properties");
  return known;
}

// The members that an event has on every wire.
void ReadEvent(JsonMembers* members, std::optional<std::int64_t> received_ms, core::Event* event) {
  event->item_id = members->Id("itemId");
  event->event_type = members->RequiredText("eventType");
  event->value = members->Number("eventValue");
  event->event_id = members->Id("eventId");
  event->recommendation_id =
      members->Id("recommendationId", {1, core::kMaximumRecommendationIdBytes});
  ReadSentAt(members, received_ms, event);
  ReadImpression(members, event);
  ReadAttribution(members, event);
  ReadProperties(members, event);
  if (event->item_id.empty()) {
    members->Fail("itemId", "is missing, in the event and in its properties");
  }
}

}  // namespace freshet::daemon
