// The messages of the dead letter topic: the original's key and value as they were, and in headers
// where it stood and why it was refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/kafka/handles.h"

namespace freshet::daemon::kafka {

inline constexpr const char* kReasonHeader = "freshet-reason";
inline constexpr const char* kTopicHeader = "freshet-topic";
inline constexpr const char* kPartitionHeader = "freshet-partition";
inline constexpr const char* kOffsetHeader = "freshet-offset";
inline constexpr const char* kTimestampHeader = "freshet-timestamp";

struct DeadLetter {
  std::string reason;
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
};

// `original` is a message as it was consumed.
DeadLetter MakeDeadLetter(const rd_kafka_message_t& original, std::string reason);

// The headers of a letter, for a producer, which frees them.
rd_kafka_headers_t* HeadersOf(const DeadLetter& letter);

// A message of the dead letter topic; nothing when it has not the headers of one.
std::optional<DeadLetter> ReadDeadLetter(const rd_kafka_message_t& message);

}  // namespace freshet::daemon::kafka
