#include "daemon/kafka/standstills.h"

namespace freshet::daemon::kafka {

void Standstills::See(std::uint32_t partition, std::uint64_t next, std::uint64_t end, Time now) {
  const std::lock_guard lock(mutex_);
  if (next >= end) {
    by_partition_.erase(partition);
    return;
  }
  Standstill& seen = by_partition_.try_emplace(partition, Standstill{next, end, now}).first->second;
  if (seen.next != next) seen = {next, end, now};
  seen.end = end;
}

void Standstills::Forget(std::uint32_t partition) {
  const std::lock_guard lock(mutex_);
  by_partition_.erase(partition);
}

std::string Standstills::Describe(const Topics& topics, Time now) const {
  const std::lock_guard lock(mutex_);
  std::string words;
  for (const auto& [partition, seen] : by_partition_) {
    if (now - seen.since < kShortest) continue;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - seen.since);
    words += (words.empty() ? "" : "; ") + topics.NameOf(partition) + " stands still at offset " +
             std::to_string(seen.next) + " for " + std::to_string(seconds.count()) +
             " s, and ends at " + std::to_string(seen.end);
  }
  return words.empty() ? words : words + ": a producer may hold a transaction open";
}

}  // namespace freshet::daemon::kafka
