// StartPositions: where reading begins in each partition, and whether what lies there still is.
//
// A partition with a position goes on there. One without, of a topic that has positions for others,
// was added since: it is read from its beginning. In a topic without any the setting start_at
// decides. Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/ids.h"
#include "core/result.h"
#include "daemon/kafka/topics.h"

namespace freshet::daemon::kafka {

class StartPositions {
 public:
  // Messages that were to be read and are not there.
  struct Gap {
    std::uint32_t partition;
    std::uint64_t wanted;
    std::uint64_t earliest;  // what there is: from here
    std::uint64_t latest;    // to before this
  };

  // kInvalidArgument when start_at is no time.
  static core::Result<StartPositions> Of(const config::KafkaSettings& settings,
                                         const Topics& topics);

  // Partitions of topics in which nothing was read yet: those that start_at decides about.
  [[nodiscard]] core::Positions Unread(const core::Positions& partitions,
                                       const core::Positions& read) const;
  // The time to begin at in those; nothing for earliest and latest.
  [[nodiscard]] std::optional<std::int64_t> time_ms() const { return time_ms_; }
  [[nodiscard]] bool from_latest() const { return from_latest_; }

  // What is no longer, or not yet, between `earliest` and `latest`.
  static std::vector<Gap> Gaps(const core::Positions& wanted, const core::Positions& earliest,
                               const core::Positions& latest);
  // The gap in words: topic, partition, offsets, and what to do.
  [[nodiscard]] std::string Describe(const Gap& gap) const;

 private:
  explicit StartPositions(const Topics& topics) : topics_(&topics) {}

  const Topics* topics_;
  std::optional<std::int64_t> time_ms_;
  bool from_latest_ = false;
};

}  // namespace freshet::daemon::kafka
