// The messages of the topics, and the log entries they stand for. Pure functions; thread-safe.
//
//   events   one event as JSON, flattened, or a whole PutEvents body; the key does not matter
//   items    key itemId, value {"itemId", "properties"}; without a value the item is deleted
//   users    key userId, value {"userId", "properties"}; without a value the user is deleted
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/log_entry.h"
#include "core/result.h"

namespace freshet::daemon::kafka {

enum class TopicKind : std::uint8_t { kEvents, kItems, kUsers };

// A message as it was read. Views into the client library's memory.
struct MessageView {
  TopicKind kind = TopicKind::kEvents;
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  std::int64_t received_ms = 0;  // its timestamp; where it has none, the time of reading
};

// Appends what the message stands for, valid entries, to `entries`. On an error, which is
// kInvalidArgument and names the member, `entries` stays as it was.
core::Status DecodeMessage(const MessageView& message, std::vector<core::LogEntry>* entries);

// When the log received an entry of a message without a timestamp, which producers of old wrote: an
// event at its own time, so that it is the same at each reading; whatever else when it was read.
std::int64_t ReceivedWithoutTimestamp(const core::LogEntry& entry, std::int64_t read_ms);

// A message to write.
struct Message {
  TopicKind kind = TopicKind::kEvents;
  std::string key;
  std::optional<std::string> value;  // none: a tombstone
};

// DecodeMessage of it gives the same entry. REQUIRES: the entry is valid.
Message EncodeMessage(const core::LogEntry& entry);

}  // namespace freshet::daemon::kafka
