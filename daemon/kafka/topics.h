// Topics: what the settings say of the topics, and the numbers of their partitions in the log's
// positions.
//
// A partition's number is 16 bits of a hash of its topic's name and then 16 bits of its own number.
// So a position means the same on every replica, whatever the order of topics in the settings and
// whichever others there are. Immutable after Of; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/result.h"
#include "daemon/kafka/kafka_message.h"

namespace freshet::daemon::kafka {

// Kafka's own number of a partition within its topic.
inline constexpr std::int32_t kMaximumPartitions = 1 << 16;

class Topics {
 public:
  struct Topic {
    std::string name;
    TopicKind kind;
    std::uint32_t number;  // of its partition 0
  };

  // kInvalidArgument when the hashes of two names are equal: one of them must be renamed.
  static core::Result<Topics> Of(const config::KafkaSettings& settings);

  // What is read, in the order of the settings. Dead letters are not.
  [[nodiscard]] const std::vector<Topic>& all() const { return topics_; }

  // The topic whose partition has the number; null when it is none of ours.
  [[nodiscard]] const Topic* Find(std::uint32_t number) const;
  [[nodiscard]] const Topic* Find(std::string_view name) const;
  // Where entries of a kind are written; null when the settings name no such topic.
  [[nodiscard]] const Topic* ForWriting(TopicKind kind) const;

  // "events/3"; of a topic that is none of ours its number, "?/3".
  [[nodiscard]] std::string NameOf(std::uint32_t number) const;

  static std::uint32_t NumberOf(const Topic& topic, std::int32_t partition) {
    return topic.number | static_cast<std::uint32_t>(partition);
  }
  static std::int32_t PartitionOf(std::uint32_t number) {
    return static_cast<std::int32_t>(number & 0xFFFF);
  }

 private:
  std::vector<Topic> topics_;
};

}  // namespace freshet::daemon::kafka
