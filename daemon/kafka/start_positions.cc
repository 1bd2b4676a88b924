#include "daemon/kafka/start_positions.h"

#include <set>

#include "core/parse_time.h"

namespace freshet::daemon::kafka {
namespace {

std::uint64_t OffsetOf(const core::Positions& positions, std::uint32_t partition) {
  const auto it = positions.find(partition);
  return it == positions.end() ? 0 : it->second;
}

}  // namespace

core::Result<StartPositions> StartPositions::Of(const config::KafkaSettings& settings,
                                                const Topics& topics) {
  StartPositions start(topics);
  start.from_latest_ = settings.start_at == "latest";
  if (start.from_latest_ || settings.start_at == "earliest") return start;
  const core::Result<std::int64_t> time = core::ParseTime("log.start_at", settings.start_at);
  if (!time) return time.error();
  start.time_ms_ = *time;
  return start;
}

core::Positions StartPositions::Unread(const core::Positions& partitions,
                                       const core::Positions& read) const {
  std::set<const Topics::Topic*> known;
  for (const auto& [partition, offset] : read) known.insert(topics_->Find(partition));
  core::Positions unread;
  for (const auto& [partition, offset] : partitions) {
    if (!known.contains(topics_->Find(partition))) unread[partition] = 0;
  }
  return unread;
}

std::vector<StartPositions::Gap> StartPositions::Gaps(const core::Positions& wanted,
                                                      const core::Positions& earliest,
                                                      const core::Positions& latest) {
  std::vector<Gap> gaps;
  for (const auto& [partition, end] : latest) {
    const auto it = wanted.find(partition);
    if (it == wanted.end()) continue;
    const std::uint64_t begin = OffsetOf(earliest, partition);
    if (it->second < begin || it->second > end) gaps.push_back({partition, it->second, begin, end});
  }
  return gaps;
}

std::string StartPositions::Describe(const Gap& gap) const {
  const bool trimmed = gap.wanted < gap.earliest;
  return topics_->NameOf(gap.partition) + ": offset " + std::to_string(gap.wanted) +
         " is to be read next, but the partition has " + std::to_string(gap.earliest) + " to " +
         std::to_string(gap.latest) +
         (trimmed ? ": retention took what was not read yet"
                  : ": the topic was made anew or lost messages") +
         "; log.when_lost = \"continue\" goes on at " + std::to_string(gap.earliest) +
         ", a new data folder learns all there is";
}

}  // namespace freshet::daemon::kafka
