// Short spellings for entries in tests of core.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/log_entry.h"
#include "core/state.h"

namespace freshet::core {

inline constexpr std::int64_t kStartMs = 1'700'000'000'000;

inline Event MakeEvent(std::string user, std::string session, std::string item,
                       std::int64_t time_ms = kStartMs, std::string type = "view") {
  Event event;
  event.user_id = std::move(user);
  event.session_id = std::move(session);
  event.item_id = std::move(item);
  event.event_type = std::move(type);
  event.time_ms = time_ms;
  return event;
}

// Feeds entries to a State as a log would, with growing offsets.
class Feed {
 public:
  explicit Feed(State* state) : state_(state) {}

  Applied Apply(LogEntry entry, std::int64_t received_ms = kStartMs) {
    return state_->Apply({{0, ++offset_}, received_ms, std::move(entry)});
  }

 private:
  State* state_;
  std::uint64_t offset_ = 0;
};

}  // namespace freshet::core
