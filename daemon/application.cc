#include "daemon/application.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include "config/listen_address.h"
#include "config/print.h"
#include "daemon/api/api.h"
#include "daemon/logging.h"
#include "daemon/machine_memory.h"
#include "daemon/systemd_notify.h"
#include "daemon/version.h"

namespace freshet::daemon {
namespace {

// Descriptors that are no connections: RocksDB's files, the listening socket, logs.
constexpr rlim_t kOtherDescriptors = 1024;
constexpr std::chrono::seconds kLoadingTime{60};
constexpr std::chrono::seconds kShortestLeave{1};

// Each connection is a file descriptor, and the usual soft limit is 1024.
void RaiseDescriptorLimit(std::uint32_t maximum_connections) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  if (limit.rlim_cur < maximum_connections + kOtherDescriptors) {
    spdlog::warn(
        "this process may open {} files, fewer than server.maximum_connections = {} and {} more "
        "need: raise the limit (ulimit -n, LimitNOFILE=)",
        limit.rlim_cur, maximum_connections, kOtherDescriptors);
  }
}

http::ServerOptions ServerOptionsOf(const config::ServerSettings& settings, std::size_t threads) {
  const auto listen = config::ParseListenAddress(settings.listen);
  http::ServerOptions options;
  if (listen) {
    options.address = listen->address;
    options.port = listen->port;
  }
  options.threads = threads;
  options.maximum_connections = settings.maximum_connections;
  options.maximum_header_bytes = settings.maximum_header_bytes;
  options.maximum_body_bytes = settings.maximum_body_bytes;
  options.maximum_memory_bytes = settings.maximum_memory_bytes;
  options.idle_timeout = std::chrono::milliseconds(settings.idle_timeout_ms);
  options.request_timeout = std::chrono::milliseconds(settings.request_timeout_ms);
  return options;
}

std::size_t ServerThreads(const config::ServerSettings& settings) {
  return settings.threads > 0 ? settings.threads
                              : std::max(1u, std::thread::hardware_concurrency());
}

storage::JournalOptions JournalOptionsOf(const config::LogSettings& settings) {
  storage::JournalOptions options;
  options.durability =
      settings.durability == "os" ? storage::Durability::kOs : storage::Durability::kFsync;
  options.maximum_queued_entries = settings.maximum_queued_entries;
  options.retention_ms = static_cast<std::int64_t>(settings.retention_hours) * 3600 * 1000;
  options.retention_bytes = settings.retention_megabytes << 20;
  options.flushes_gently = true;
  return options;
}

void LogMissing(const std::string& what) { spdlog::warn("salvage: {}", what); }

std::string GenerationsFolder(const config::Settings& settings) {
  return settings.factors.folder.empty() ? settings.data + "/generations" : settings.factors.folder;
}

core::ServedFactorsOptions FactorsOptionsOf(const std::vector<core::CampaignSettings>& all) {
  return {.has_directions = std::any_of(all.begin(), all.end(), [](const auto& campaign) {
            return campaign.measure == core::Measure::kFactors;
          })};
}

std::string UrlOf(const config::ServerSettings& settings, std::uint16_t port) {
  const auto listen = config::ParseListenAddress(settings.listen);
  std::string address = listen ? listen->address : settings.listen;
  if (address.find(':') != std::string::npos) address = "[" + address + "]";
  return "http://" + address + ":" + std::to_string(port);
}

}  // namespace

core::Status Application::Check(const config::Settings& settings) {
  return settings.log.kind == "kafka" ? kafka::KafkaLog::Check(settings.log.kafka) : core::Status();
}

Application::Application(config::Settings settings, bool salvage)
    : settings_(std::move(settings)),
      salvage_(salvage),
      server_threads_(ServerThreads(settings_.server)),
      signals_(context_, SIGTERM, SIGINT),
      hangups_(context_, SIGHUP),
      campaigns_(settings_.learning.campaigns),
      metrics_(server_threads_, api::CampaignLabels(campaigns_), api::RouteLabels()) {}

Application::~Application() = default;

int Application::Run() {
  SetUpLogging(settings_.logging.level);
  std::signal(SIGPIPE, SIG_IGN);  // a closed stderr must not end the daemon
  RaiseDescriptorLimit(settings_.server.maximum_connections);
  const core::Status started = Start();
  if (started.ok()) {
    WaitForSignal();
  } else {
    spdlog::error("cannot start: {}",
                  storage::AdviseOnDamage(started.error(), settings_.data).message);
  }
  const auto deadline = std::chrono::steady_clock::now() +
                        std::chrono::milliseconds(settings_.server.shutdown_timeout_ms);
  const core::Status stopped = Stop();
  if (!stopped.ok()) spdlog::error("stopped with an error: {}", stopped.error().message);
  const int exit_code = started.ok() && stopped.ok() ? 0 : kFailed;
  Leave(deadline, exit_code);
  return exit_code;
}

core::Status Application::Start() {
  spdlog::info("freshetd {} starting, data in {}", kVersion, settings_.data);
  const std::string changes = config::PrintChanges(settings_);
  spdlog::info("settings not at their default: {}", changes.empty() ? "none" : changes);
  if (const auto warning = CapsWarning(settings_.learning, MachineMemoryBytes())) {
    spdlog::warn("{}", *warning);
  }
  // The port first: finding it taken after a long load would waste the load.
  auto server = http::Server::Listen(ServerOptionsOf(settings_.server, server_threads_));
  if (!server) return server.error();
  server_ = std::move(*server);

  std::unique_ptr<storage::EventLog> log;
  std::unique_ptr<storage::CheckpointStore> store;
  FRESHET_RETURN_IF_ERROR(OpenFolder(&log, &store));
  generations_.emplace(GenerationsFolder(settings_),
                       std::chrono::milliseconds(settings_.factors.poll_ms),
                       FactorsOptionsOf(settings_.learning.campaigns));
  EngineOptions options;
  options.maximum_query_threads = server_threads_ + 1;  // that which folds items in
  options.checkpoint_interval = std::chrono::milliseconds(settings_.checkpoint.interval_ms);
  options.maximum_dead_letters = settings_.checkpoint.maximum_dead_letters;
  options.quality_time_share = settings_.quality.time_share;
  options.quality_window = settings_.quality.answers;
  options.serving_factors = [this] { return generations_->serving(); };
  if (kafka_ != nullptr) options.ready_lag_entries = settings_.log.kafka.ready_lag_entries;
  engine_ =
      std::make_unique<Engine>(settings_.learning, std::move(log), std::move(store), options,
                               [this](double seconds) { metrics_.effect().Observe(seconds); });

  training_.emplace(settings_, engine_.get(), &*generations_);
  process_.emplace(settings_, *engine_, campaigns_, metrics_,
                   [this] { return server_->open_connections(); });
  process_->descriptor_shortages = [this] { return server_->descriptor_shortages(); };
  process_->kafka = kafka_;
  process_->generations = &*generations_;
  process_->training = &*training_;
  server_->Start(
      [this](std::size_t thread) { return std::make_unique<api::Api>(&*process_, thread); });
  return StartEngine();
}

core::Status Application::OpenFolder(std::unique_ptr<storage::EventLog>* log,
                                     std::unique_ptr<storage::CheckpointStore>* store) {
  auto folder = storage::DataFolder::Open(settings_.data);
  if (!folder) return folder.error();
  folder_ = std::move(*folder);
  auto opened_log = OpenLog();
  if (!opened_log) return opened_log.error();
  storage::StoreOptions store_options;
  store_options.maximum_dead_letters = settings_.checkpoint.maximum_dead_letters;
  store_options.compacts_in_spare_time = true;
  if (salvage_) store_options.salvage = LogMissing;
  auto opened = folder_->OpenStore(store_options);
  if (!opened) return opened.error();
  *log = std::move(*opened_log);
  *store = std::move(*opened);
  return {};
}

core::Result<std::unique_ptr<storage::EventLog>> Application::OpenLog() {
  if (settings_.log.kind == "journal") {
    storage::JournalOptions options = JournalOptionsOf(settings_.log);
    if (salvage_) options.salvage = LogMissing;
    return folder_->OpenJournal(options);
  }
  FRESHET_RETURN_IF_ERROR(folder_->RememberLog(storage::LogKind::kKafka));
  auto opened = kafka::KafkaLog::Open(settings_.log);
  if (!opened) return opened.error();
  kafka_ = opened->get();
  return std::unique_ptr<storage::EventLog>(std::move(*opened));
}

core::Status Application::StartEngine() {
  const auto began = std::chrono::steady_clock::now();
  SystemdNotify::Progress("loading the checkpoint", kLoadingTime);
  signals_.async_wait([this](boost::system::error_code error, int) {
    if (!error) context_.stop();
  });
  IgnoreHangups();
  // A journal is at hand and an acknowledged event must be in the first answer. A broker may be
  // away, its backlog may take hours: until then answers come from what there is.
  FRESHET_RETURN_IF_ERROR(kafka_ == nullptr ? ReplayJournal() : engine_->Begin());
  process_->serving.store(true, std::memory_order_release);
  watchdog_.emplace(&context_, engine_.get());
  SayReady(began);
  training_->Start();
  if (settings_.factors.fold_in_ms > 0) {
    item_folding_.emplace(engine_.get(), &*generations_,
                          std::chrono::milliseconds(settings_.factors.fold_in_ms),
                          settings_.factors.maximum_newborn_items);
  }
  return {};
}

void Application::IgnoreHangups() {
  hangups_.async_wait([this](boost::system::error_code error, int) {
    if (error) return;
    spdlog::info(
        "SIGHUP is ignored: settings are read at start, and the log goes to stderr; restart to "
        "change settings, SIGTERM to stop");
    IgnoreHangups();
  });
}

core::Status Application::ReplayJournal() {
  auto logged = std::chrono::steady_clock::now();
  return engine_->Start([&](std::uint64_t done, std::uint64_t total) {
    // Nothing can have been acknowledged yet, so there is nothing to finish.
    context_.poll();
    if (context_.stopped()) std::_Exit(0);
    const auto now = std::chrono::steady_clock::now();
    if (now - logged < std::chrono::seconds(1)) return;
    logged = now;
    spdlog::info("replaying the log: {} of {} entries", done, total);
    SystemdNotify::Progress("replaying the log", kLoadingTime);
  });
}

void Application::SayReady(std::chrono::steady_clock::time_point began) {
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  // What is there while the log is being caught up with tells nothing.
  if (kafka_ == nullptr) {
    // The place of what folds items in, which comes later. Events may have arrived already.
    Engine::QueryThread(engine_.get()).Read([&](const core::State& state, core::QueryScratch*) {
      spdlog::info("ready in {:.3f} s: {} items, {} users, {} events learned", took.count(),
                   state.catalog().live_count(), state.users().live_count(), state.event_count());
    });
  } else {
    spdlog::info("answering after {:.3f} s, catching up with {}", took.count(),
                 settings_.log.kafka.brokers);
  }
  spdlog::info("listening on {}", UrlOf(settings_.server, server_->port()));
  SystemdNotify::Ready();
}

void Application::WaitForSignal() {
  // A signal that came while loading has stopped the context already.
  context_.run();
  spdlog::info("stopping: finishing requests, then a last checkpoint");
  SystemdNotify::Stopping();
}

core::Status Application::Stop() {
  watchdog_.reset();
  if (training_) training_->Stop();
  item_folding_.reset();
  if (server_) server_->Stop(std::chrono::milliseconds(settings_.server.shutdown_timeout_ms));
  if (!engine_) return {};
  core::Status stopped = engine_->Stop();
  if (stopped.ok()) spdlog::info("stopped");
  return stopped;
}

void Application::Leave(std::chrono::steady_clock::time_point deadline, int exit_code) {
  process_.reset();
  training_.reset();
  std::promise<void> ended;
  const std::future<void> end = ended.get_future();
  std::thread([engine = std::move(engine_), ended = std::move(ended)]() mutable {
    engine.reset();
    ended.set_value();
  }).detach();
  const auto last = std::max(deadline, std::chrono::steady_clock::now() + kShortestLeave);
  if (end.wait_until(last) == std::future_status::ready) return;
  spdlog::warn("{} did not end in time and is left behind; the last checkpoint is written",
               kafka_ != nullptr ? "the client of the brokers" : "the data folder");
  std::_Exit(exit_code);
}

}  // namespace freshet::daemon
