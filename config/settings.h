// What an operator can set, typed, with its defaults. Read once at start and passed on as const
// structs. The table in config/schema.cc gives every member its key, range and line of help.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/recipes/campaign.h"
#include "core/settings.h"

namespace freshet::config {

struct ServerSettings {
  std::string listen = "127.0.0.1:7979";
  bool insecure = false;  // allows a listen address beyond loopback, without TLS
  std::vector<std::string> allowed_hosts = {};  // names beside the address; "*": any
  std::uint32_t threads = 0;                    // query threads; 0: one a core
  std::uint32_t maximum_connections = 10'000;
  std::uint32_t maximum_body_bytes = 16u << 20;
  std::uint32_t maximum_header_bytes = 16u << 10;
  std::uint64_t maximum_memory_bytes = 512u << 20;  // of all requests under way together
  std::uint32_t maximum_bulk_lines = 100'000;       // events in one POST /v1/events
  std::uint32_t idle_timeout_ms = 60'000;           // a connection without a request
  std::uint32_t request_timeout_ms = 10'000;        // from a request's first byte to its last
  std::uint32_t apply_timeout_ms = 10'000;     // a Put waits this long to be durable and applied
  std::uint32_t shutdown_timeout_ms = 10'000;  // requests under way at SIGTERM
};

// The log's home in Kafka. Topics that are empty are not used.
struct KafkaSettings {
  std::string brokers;
  std::vector<std::string> events_topics;  // what is put over HTTP goes to the first
  std::string items_topic;
  std::string users_topic;
  std::string dead_letter_topic;
  std::string group_id = "freshet";           // positions are committed to it for others to see
  std::string start_at = "earliest";          // earliest | latest | an ISO 8601 time
  std::string when_lost = "stop";             // stop | continue
  std::string when_unreachable = "retry";     // retry | exit
  std::uint64_t ready_lag_entries = 10'000;   // catching up ends below this
  std::uint32_t delivery_timeout_ms = 5'000;  // of what is put over HTTP
  std::map<std::string, std::string> librdkafka = {};  // passed through, by property
};

struct LogSettings {
  std::string kind = "journal";      // journal | kafka
  std::string durability = "fsync";  // fsync | os
  std::uint32_t maximum_queued_entries = 100'000;
  std::uint64_t retention_hours = 168;
  std::uint64_t retention_megabytes = 10'240;
  KafkaSettings kafka;
};

struct CheckpointSettings {
  std::uint32_t interval_ms = 1'000;
  std::uint32_t maximum_dead_letters = 10'000;
};

struct QualitySettings {
  double time_share = 0.01;
  std::uint32_t answers = 2'000;
};

struct FactorsSettings {
  std::string folder;  // of generations; empty: generations/ in the data folder
  std::uint32_t poll_ms = 5'000;
  std::uint32_t fold_in_ms = 1'000;  // 0: never
  std::uint32_t maximum_newborn_items = 10'000;
};

// The trainer that the daemon runs now and then.
struct TrainingSettings {
  std::uint32_t every_s = 0;  // from start to start; 0: never
  std::string program;        // empty: freshet, beside freshetd
  std::vector<std::string> arguments;
  std::uint32_t threads = 1;
  std::uint32_t time_limit_s = 2 * 3600;
  std::uint64_t maximum_megabytes = 4'096;
  double tolerance = 0.05;
  std::uint32_t keep = 5;  // generations
};

struct LoggingSettings {
  std::string level = "info";  // trace | debug | info | warning | error
};

inline core::Settings WithDefaultCampaigns() {
  core::Settings learning;
  learning.campaigns = core::DefaultCampaigns();
  return learning;
}

struct Settings {
  std::string data = "data";
  ServerSettings server;
  LogSettings log;
  CheckpointSettings checkpoint;
  QualitySettings quality;
  FactorsSettings factors;
  TrainingSettings training;
  LoggingSettings logging;
  core::Settings learning = WithDefaultCampaigns();
};

}  // namespace freshet::config
