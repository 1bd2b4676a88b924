// QueryTimer: measures one answer from its construction to its end.
#pragma once

#include <chrono>
#include <cstddef>

#include "daemon/metrics.h"

namespace freshet::daemon::api {

class QueryTimer {
 public:
  QueryTimer(ThreadMetrics* metrics, std::size_t campaign)
      : metrics_(metrics), campaign_(campaign) {}
  ~QueryTimer() {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started_;
    metrics_->ObserveQuery(campaign_, took.count());
  }
  QueryTimer(const QueryTimer&) = delete;
  QueryTimer& operator=(const QueryTimer&) = delete;

 private:
  ThreadMetrics* metrics_;
  std::size_t campaign_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace freshet::daemon::api
