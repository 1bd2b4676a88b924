// The JSON form of an event by Freshet's own manners: one decoder for HTTP bodies, NDJSON lines,
// Kafka messages and imports.
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

namespace freshet::daemon {

// One event with the members of Personalize's Event flattened beside userId and sessionId:
// {"userId","sessionId","itemId","eventType","eventValue","sentAt","eventId","properties",
//  "recommendationId","impression","metricAttribution"}. `properties` may be an object or a string
// that holds one; itemId and eventValue are read from it when the top level lacks them. `sentAt` is
// epoch seconds (integer, fraction, exponent, or a string of these), milliseconds from 1e11 on, or
// ISO 8601; when it is absent the event takes `received_ms`. An id may be an integer, an optional
// member that is empty is absent, and a member of another name is refused with the one that was
// probably meant. Envelopes are taken off (daemon/envelope.h).
core::Result<core::Event> DecodeEvent(std::string_view json, std::int64_t received_ms);

// The way back: DecodeEvent of the text gives the same event. REQUIRES: the event is valid and its
// properties, if any, are an object.
std::string EncodeEvent(const core::Event& event);

// One event as above, or a whole PutEvents body (it has the member eventList): appended to
// `entries`, which stays as it was on an error.
core::Status DecodeEventOrPutEvents(std::string_view json, std::int64_t received_ms,
                                    std::vector<core::LogEntry>* entries);

}  // namespace freshet::daemon
