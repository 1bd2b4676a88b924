// Application: the daemon as a process. It starts the parts in order (port, data folder, journal
// and checkpoints, engine, server), waits for a signal, and stops them in reverse.
//
// Owned by main; one thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "config/settings.h"
#include "core/result.h"
#include "daemon/api/campaigns.h"
#include "daemon/api/context.h"
#include "daemon/engine.h"
#include "daemon/generations.h"
#include "daemon/http/server.h"
#include "daemon/item_folding.h"
#include "daemon/kafka/kafka_log.h"
#include "daemon/metrics.h"
#include "daemon/training_schedule.h"
#include "daemon/watchdog.h"
#include "storage/data_folder.h"

namespace freshet::daemon {

class Application {
 public:
  static constexpr int kFailed = 1;
  static constexpr int kBadConfiguration = 2;

  // What the settings' own ranges cannot tell: whether librdkafka takes its properties, and such.
  static core::Status Check(const config::Settings& settings);

  // With `salvage` a damaged data folder is opened as far as it can be read.
  explicit Application(config::Settings settings, bool salvage = false);
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  // Serves until SIGTERM or SIGINT. The process's exit code: 0 after an orderly stop, else the
  // reason was logged.
  int Run();

 private:
  core::Status Start();
  core::Status OpenFolder(std::unique_ptr<storage::EventLog>* log,
                          std::unique_ptr<storage::CheckpointStore>* store);
  core::Result<std::unique_ptr<storage::EventLog>> OpenLog();
  core::Status StartEngine();
  // A closed terminal or a habit of log rotation must not end the daemon.
  void IgnoreHangups();
  // Blocks until the journal's tail is applied.
  core::Status ReplayJournal();
  void SayReady(std::chrono::steady_clock::time_point began);
  void WaitForSignal();
  core::Status Stop();
  // What Stop leaves is durable. What does not end by `deadline`, a client of brokers that hang for
  // one, is left behind: the process ends with the exit code.
  void Leave(std::chrono::steady_clock::time_point deadline, int exit_code);

  const config::Settings settings_;
  const bool salvage_;
  const std::size_t server_threads_;
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_;
  boost::asio::signal_set hangups_;
  // In the order of their lives: the engine's callbacks hold connections of the server, and it asks
  // for the generation that is served, so the engine goes first; Stop has ended the server's
  // threads, which use the engine, before.
  std::unique_ptr<storage::DataFolder> folder_;
  std::unique_ptr<http::Server> server_;
  api::Campaigns campaigns_;
  Metrics metrics_;
  const kafka::KafkaLog* kafka_ = nullptr;  // the engine's log, if it is in Kafka
  std::optional<Generations> generations_;
  std::unique_ptr<Engine> engine_;
  std::optional<TrainingSchedule> training_;
  std::optional<ItemFolding> item_folding_;
  std::optional<api::ProcessContext> process_;
  std::optional<Watchdog> watchdog_;
};

}  // namespace freshet::daemon
