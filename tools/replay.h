// Replay: learns a new data folder from the journal of another, or from Kafka.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "config/settings.h"
#include "core/result.h"

namespace freshet::tools {

struct ReplayInputs {
  std::string from;
  std::string into;  // created; REQUIRES: absent or empty
  bool from_retained = false;
  config::Settings settings;
  // Called now and then with entries replayed and entries to replay.
  std::function<void(std::uint64_t, std::uint64_t)> progress;
};

struct Replayed {
  std::uint64_t entries = 0;
  std::uint64_t bad = 0;      // could not be read; they became dead letters
  std::uint64_t missing = 0;  // trimmed away before
};

// Copies the journal, byte for byte, so that every entry keeps its position and the time it was
// received at, then learns from it as a daemon does and takes a checkpoint. The folder it comes
// from is locked meanwhile and not changed. kInvalidArgument, and nothing is left behind, when the
// journal no longer starts at its first entry and `from_retained` is false.
core::Result<Replayed> Replay(const ReplayInputs& inputs);

struct KafkaReplayInputs {
  std::string into;  // created; REQUIRES: absent or empty
  config::Settings settings;
  std::function<void(std::uint64_t, std::uint64_t)> progress;
};

// Learns from the topics that the settings name, from where log.start_at says to where they end
// when it begins, and takes a checkpoint: a folder with which a daemon goes on. Nothing is left
// behind on an error.
core::Result<Replayed> ReplayFromKafka(const KafkaReplayInputs& inputs);

}  // namespace freshet::tools
