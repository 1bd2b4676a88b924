// The JSON forms of log entries: one decoder for HTTP bodies, NDJSON lines, Kafka messages and
// imports.
//
// Every error is kInvalidArgument and names the member and the limit. Decoders check everything
// that core::Validate checks. Thread-safe: they keep no state.
#pragma once

#include <cstdint>
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
