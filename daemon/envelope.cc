#include "daemon/envelope.h"

#include <string>
#include <string_view>

#include "core/shown_text.h"

namespace freshet::daemon {
namespace json = boost::json;
namespace {

constexpr std::string_view kSegmentAdvice =
    "it looks like a call of Segment's; send its parts by Freshet's names: event as eventType, "
    "timestamp as sentAt, messageId as eventId, anonymousId as sessionId, the product as itemId";

bool Has(const json::object& object, std::string_view name) {
  return object.contains({name.data(), name.size()});
}

bool HasText(const json::object& object, std::string_view name, std::string_view text) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  const json::string* found = value == nullptr ? nullptr : value->if_string();
  return found != nullptr && std::string_view(found->data(), found->size()) == text;
}

// Neither an object nor null: not what an envelope holds.
bool IsRow(const json::value& value) { return value.is_object() || value.is_null(); }

Unwrapped Inside(const json::value& value) { return {value.if_object()}; }

// {"schema": {...}, "payload": ...} and nothing else.
bool IsConnect(const json::object& object) {
  if (object.size() != 2) return false;
  const json::value* schema = object.if_contains("schema");
  const json::value* payload = object.if_contains("payload");
  return schema != nullptr && payload != nullptr && IsRow(*schema) && IsRow(*payload);
}

bool IsDebezium(const json::object& object) {
  const json::value* op = object.if_contains("op");
  const json::value* after = object.if_contains("after");
  return op != nullptr && op->is_string() && after != nullptr && IsRow(*after);
}

bool IsSegment(const json::object& object) {
  for (const std::string_view type : {"track", "page", "screen", "identify", "group", "alias"}) {
    if (HasText(object, "type", type)) return true;
  }
  const json::value* batch = object.if_contains("batch");
  return batch != nullptr && batch->is_array();
}

// The member that holds what could be the document: {"data": {"itemId": ...}}.
std::string DescribeInner(const json::object& object) {
  for (const json::key_value_pair& member : object) {
    const json::object* inner = member.value().if_object();
    if (inner == nullptr || member.key() == "properties") continue;
    if (!Has(*inner, "itemId") && !Has(*inner, "userId")) continue;
    return core::ShownText({member.key().data(), member.key().size()}) +
           " seems to hold the document; send what is in it alone";
  }
  return {};
}

// The document in `object`, which is `object` itself when it is no envelope.
Unwrapped Unwrap(const json::object& object) {
  if (IsConnect(object)) {
    const json::value& payload = object.at("payload");
    const json::object* inner = payload.if_object();
    if (inner != nullptr && IsDebezium(*inner)) return Inside(inner->at("after"));
    return Inside(payload);
  }
  if (IsDebezium(object)) return Inside(object.at("after"));
  return {&object};
}

// "it looks like ..., do this", or empty when it looks like nothing known.
std::string DescribeEnvelope(const json::object& object) {
  if (Has(object, "eventList")) {
    return "it looks like a PutEvents body; send that to POST /events or into a topic of events";
  }
  if (Has(object, "__deleted")) {
    return "it looks like a row that Debezium rewrote; set "
           "delete.tombstone.handling.mode=tombstone "
           "and leave out __deleted, a message without a value deletes";
  }
  if (Has(object, "specversion")) {
    return "it looks like a CloudEvent; send its data alone, in Kafka by the binary content mode";
  }
  if (IsSegment(object)) return std::string(kSegmentAdvice);
  if (Has(object, "schema") && Has(object, "payload")) {
    return "it looks like an envelope of Kafka Connect's; set value.converter.schemas.enable=false";
  }
  if (Has(object, "before") && Has(object, "after")) {
    return "it looks like a change of Debezium's; add its transformation ExtractNewRecordState";
  }
  if (Has(object, "schema") && Has(object, "data")) {
    return "it looks like self-describing JSON; send its data alone";
  }
  if (Has(object, "detail-type") && Has(object, "detail")) {
    return "it looks like an event of EventBridge; send its detail alone, by the target's input "
           "path $.detail";
  }
  if (Has(object, "records") || Has(object, "Records")) {
    return "it looks like a batch of records; send each document by itself";
  }
  return DescribeInner(object);
}

}  // namespace

core::Result<Unwrapped> OpenDocument(const json::object& object, const KnownMembers& members) {
  if (members.HoldsAll(object)) return Unwrapped{&object};
  const Unwrapped inner = Unwrap(object);
  if (inner.document == nullptr || members.HoldsAll(*inner.document)) return inner;
  return members.Check(*inner.document, DescribeEnvelope(*inner.document)).error();
}

}  // namespace freshet::daemon
