// The JSON forms of log entries: one decoder for HTTP bodies, NDJSON lines, Kafka messages and
// imports.
//
// Every error is kInvalidArgument and names the member and the limit. Decoders check everything
// that core::Validate checks. Thread-safe: they keep no state.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/log_entry.h"
#include "core/result.h"
#include "daemon/column_json.h"

namespace freshet::daemon {

// One event with the members of Personalize's Event flattened beside userId and sessionId:
// {"userId","sessionId","itemId","eventType","eventValue","sentAt","eventId","properties",
//  "recommendationId","impression","metricAttribution"}. `properties` may be an object or a string
// that holds one; itemId and eventValue are read from it when the top level lacks them. `sentAt` is
// epoch seconds (integer, fraction, exponent, or a string of these), milliseconds from 1e11 on, or
// ISO 8601; when it is absent the event takes `received_ms`. Members of other names are ignored.
core::Result<core::Event> DecodeEvent(std::string_view json, std::int64_t received_ms);

// The way back: DecodeEvent of the text gives the same event. REQUIRES: the event is valid and its
// properties, if any, are an object.
std::string EncodeEvent(const core::Event& event);

// One event as above, or a whole PutEvents body (it has the member eventList): appended to
// `entries`, which stays as it was on an error.
core::Status DecodeEventOrPutEvents(std::string_view json, std::int64_t received_ms,
                                    std::vector<core::LogEntry>* entries);

// What a record of an item or a user says: {"itemId","properties"}, or `userId`; both members may
// be absent, and `properties` may be an object or a string that holds one.
struct Record {
  std::string id;  // empty: absent
  std::vector<core::Column> columns;
};
// `id_member` is "itemId" or "userId". A record without properties but with other members is
// refused: they would be lost.
core::Result<Record> DecodeRecord(std::string_view id_member, std::string_view json);
// `columns` keep the spelling they have.
std::string EncodeRecord(std::string_view id_member, const std::string& id,
                         std::span<const core::Column> columns);

// A JSON array of such events, each decoded by itself: one result an element. The outer error says
// that the text is no such array or has more than `maximum` elements.
core::Result<std::vector<core::Result<core::Event>>> DecodeEventArray(std::string_view json,
                                                                      std::int64_t received_ms,
                                                                      std::size_t maximum);

// A whole PutEvents, PutItems or PutUsers body with Personalize's limits: 1 to 10 elements,
// trackingId, sessionId and sentAt required, a datasetArn that ends in ITEMS or USERS. One bad
// element refuses the body.
core::Result<std::vector<core::LogEntry>> DecodePutEvents(std::string_view json);
core::Result<std::vector<core::LogEntry>> DecodePutItems(std::string_view json);
core::Result<std::vector<core::LogEntry>> DecodePutUsers(std::string_view json);

}  // namespace freshet::daemon
