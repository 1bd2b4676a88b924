// The members that an event has on every wire, whether PutEvents or Freshet's own.
//
// Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "core/log_entry.h"
#include "daemon/json_document.h"
#include "daemon/known_members.h"

namespace freshet::daemon {

// All members of an event by Freshet's own manners.
const KnownMembers& EventMembers();

// Reads all but userId and sessionId. An event without a time takes `received_ms`; without that,
// the member is missing.
void ReadEvent(JsonMembers* members, std::optional<std::int64_t> received_ms, core::Event* event);

}  // namespace freshet::daemon
