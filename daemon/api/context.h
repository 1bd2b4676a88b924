// What the endpoints work with: what the whole process shares, and what each server thread has of
// its own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "config/settings.h"
#include "daemon/api/answer_ids.h"
#include "daemon/api/campaigns.h"
#include "daemon/api/explored_answers.h"
#include "daemon/engine.h"
#include "daemon/generations.h"
#include "daemon/kafka/kafka_log.h"
#include "daemon/metrics.h"
#include "daemon/training_schedule.h"

namespace freshet::daemon::api {

// Built by the application before the server starts; outlives it. Everything in it may be used from
// any thread.
struct ProcessContext {
  ProcessContext(const config::Settings& of_settings, Engine& of_engine,
                 const Campaigns& of_campaigns, Metrics& of_metrics,
                 std::function<std::uint32_t()> count_connections)
      : settings(of_settings),
        engine(of_engine),
        campaigns(of_campaigns),
        metrics(of_metrics),
        open_connections(std::move(count_connections)) {}

  const config::Settings& settings;
  Engine& engine;
  const Campaigns& campaigns;
  Metrics& metrics;
  std::function<std::uint32_t()> open_connections;
  std::function<std::uint64_t()> descriptor_shortages = [] { return std::uint64_t{0}; };
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  ExploredAnswers explored;
  const kafka::KafkaLog* kafka = nullptr;      // null when the log is the journal
  const Generations* generations = nullptr;    // null when no factors are served
  const TrainingSchedule* training = nullptr;  // null when there is none
  // False while state may not be read yet: the checkpoint is being loaded, and a journal's tail
  // replayed.
  std::atomic<bool> serving{false};
};

// One server thread's; single-threaded.
struct ThreadContext {
  ThreadContext(ProcessContext* shared, std::size_t thread)
      : process(*shared), metrics(shared->metrics.thread(thread)), query(&shared->engine) {}

  // What the campaign answers by, to be kept for one answer; null for campaigns that need none.
  [[nodiscard]] Generations::Served FactorsFor(const Campaigns::Entry& entry) const {
    const bool uses_them = core::UsesFactors(entry.campaign.settings());
    return uses_them && process.generations != nullptr ? process.generations->serving() : nullptr;
  }

  ProcessContext& process;
  ThreadMetrics& metrics;
  Engine::QueryThread query;
  AnswerIds ids;
};

}  // namespace freshet::daemon::api
