// Standstills: partitions in which nothing more can be read although there are messages, because a
// producer holds a transaction open.
//
// Owned by the reader, whose thread sees them; any thread asks for them. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "daemon/kafka/topics.h"

namespace freshet::daemon::kafka {

class Standstills {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // Transactions are open for a moment all the time.
  static constexpr std::chrono::seconds kShortest{2};

  // All that can be read of the partition lies before `next`, the partition ends at `end`.
  void See(std::uint32_t partition, std::uint64_t next, std::uint64_t end, Time now);
  void Forget(std::uint32_t partition);

  // Which stand still for at least kShortest, since when, and why that may be; empty: none.
  [[nodiscard]] std::string Describe(const Topics& topics, Time now) const;

 private:
  struct Standstill {
    std::uint64_t next;
    std::uint64_t end;
    Time since;
  };

  mutable std::mutex mutex_;
  std::map<std::uint32_t, Standstill> by_partition_;  // guarded by mutex_
};

}  // namespace freshet::daemon::kafka
