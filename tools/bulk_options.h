// How the engine works where nobody asks meanwhile: in an import, in a replay.
#pragma once

#include <chrono>
#include <cstdint>

#include "daemon/engine_options.h"

namespace freshet::tools {

// Turns are long, and a checkpoint is taken when it is large: each one writes the busy rows again,
// but what is written meanwhile need not be waited for at the end.
inline daemon::EngineOptions BulkOptions() {
  constexpr std::uint64_t kCheckpointBytes = 24ULL << 20;
  daemon::EngineOptions options;
  options.maximum_query_threads = 1;
  options.turn_time = std::chrono::milliseconds(20);
  options.poll_batch = 4096;
  options.checkpoint_interval = std::chrono::minutes(1);
  options.checkpoint_bytes = kCheckpointBytes;
  options.checkpoint_catch_up_bytes = kCheckpointBytes;
  options.checkpoint_encoding_share = 0;
  options.checkpoints_in_spare_time = false;
  return options;
}

}  // namespace freshet::tools
