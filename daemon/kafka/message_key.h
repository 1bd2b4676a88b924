// Keys of the items and users topics: the id, or what serializers make of it. Pure functions;
// thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace freshet::daemon::kafka {

// The id that the key of a message names: the key itself; the text of a JSON string; what a JSON
// object names as `member`, or as its only member; any of these as the payload of Kafka Connect.
// kInvalidArgument when it is JSON that names no one id, or has the Schema Registry's framing.
core::Result<std::string> IdInKey(std::string_view member, std::string_view key);

// The key of a message about that id: IdInKey of it gives the id.
std::string KeyOfId(const std::string& id);

// Says that `what`, "the key" or "the value", begins as the Schema Registry's serializers begin it,
// and what to do; ok when it does not.
core::Status CheckFraming(std::string_view what, std::string_view bytes);

}  // namespace freshet::daemon::kafka
