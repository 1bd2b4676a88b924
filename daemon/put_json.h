// The bodies of Amazon Personalize's Puts, with its limits.
//
// 1 to 10 elements, trackingId, sessionId and sentAt required, a datasetArn that ends in ITEMS or
// USERS. One bad element refuses the body. Every error is kInvalidArgument and names the member and
// the limit. Thread-safe: they keep no state.
#pragma once

#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "core/log_entry.h"
#include "core/result.h"

namespace freshet::daemon {

core::Result<std::vector<core::LogEntry>> DecodePutEvents(const boost::json::object& body);
core::Result<std::vector<core::LogEntry>> DecodePutEvents(std::string_view json);
core::Result<std::vector<core::LogEntry>> DecodePutItems(std::string_view json);
core::Result<std::vector<core::LogEntry>> DecodePutUsers(std::string_view json);

}  // namespace freshet::daemon
