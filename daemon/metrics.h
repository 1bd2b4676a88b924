// Metrics: what the daemon counts, and its Prometheus text.
//
// Owned by the application. Each server thread writes its own ThreadMetrics and the apply thread
// writes effect(), all without locks; Render may be called from any thread and adds them up.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/engine_status.h"
#include "daemon/generations.h"
#include "daemon/kafka/kafka_log.h"
#include "daemon/live_quality.h"
#include "daemon/local_metric.h"
#include "daemon/state_figures.h"
#include "daemon/training_schedule.h"

namespace freshet::daemon {

// The statuses we answer with; 0 stands for any other.
inline constexpr std::array<unsigned, 14> kCountedStatuses = {200, 400, 403, 404, 405, 408, 413,
                                                              421, 429, 431, 500, 501, 503, 0};
// Kinds of log entries, in the order of core::LogEntry.
inline constexpr std::array<std::string_view, 5> kEntryKinds = {"event", "put_item", "delete_item",
                                                                "put_user", "delete_user"};

// One server thread's share.
class ThreadMetrics {
 public:
  ThreadMetrics(std::size_t campaigns, std::size_t routes)
      : queries_(campaigns), requests_(routes) {}

  void ObserveQuery(std::size_t campaign, double seconds) { queries_[campaign].Observe(seconds); }
  void CountRequest(std::size_t route, unsigned status);
  // `kind` is the index of a core::LogEntry.
  void CountAcknowledged(std::size_t kind, std::uint64_t count) { acknowledged_[kind].Add(count); }
  void CountRefusedEvents(std::uint64_t count) { refused_events_.Add(count); }

 private:
  friend class Metrics;

  std::vector<LocalHistogram> queries_;
  std::vector<std::array<LocalCounter, kCountedStatuses.size()>> requests_;
  std::array<LocalCounter, kEntryKinds.size()> acknowledged_;
  LocalCounter refused_events_;
};

class Metrics {
 public:
  // What Render is told of the moment.
  struct Moment {
    const EngineStatus& engine;
    const StateFigures& state;
    const LiveQuality::Figures& quality;
    const kafka::KafkaLog* kafka;      // null when the log is the journal
    const Generations* generations;    // null when no factors are served
    const TrainingSchedule* training;  // null when there is none
    std::uint32_t open_connections;
    std::uint64_t descriptor_shortages;
    std::size_t waiting;  // for the apply thread
    double uptime_seconds;
  };

  // `campaigns` and `routes` are the label values, by index.
  Metrics(std::size_t threads, std::vector<std::string> campaigns, std::vector<std::string> routes);

  [[nodiscard]] ThreadMetrics& thread(std::size_t number) { return *threads_[number]; }
  // From Submit to applied; written by the apply thread alone.
  [[nodiscard]] LocalHistogram& effect() { return effect_; }

  // Prometheus' text format.
  [[nodiscard]] std::string Render(const Moment& moment) const;

 private:
  std::vector<std::string> campaigns_;
  std::vector<std::string> routes_;
  std::vector<std::unique_ptr<ThreadMetrics>> threads_;
  LocalHistogram effect_;
};

// Bytes of memory this process occupies; 0 where /proc is absent.
std::uint64_t ResidentBytes();

}  // namespace freshet::daemon
