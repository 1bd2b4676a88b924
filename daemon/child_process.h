// A program run as a child of the daemon, to its end: kept within limits, its words passed on, and
// never left behind.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace freshet::daemon {

struct ChildCommand {
  std::vector<std::string> arguments;  // the first is the program's path
  std::uint64_t maximum_bytes = 0;     // of its own memory (RLIMIT_DATA)
  std::chrono::milliseconds time_limit{0};
};

struct ChildEnd {
  enum class Kind { kExited, kSignalled, kTimeLimit, kStopped };
  Kind kind = Kind::kExited;
  int code = 0;  // of its exit, or the signal's number
};

// Runs the child and calls `say` with each line that it writes to its outputs, until it ends. It
// and what it has started in its process group are killed when the time limit is over and when
// `stop_descriptor` becomes readable. Where memory runs out the kernel takes the child rather than
// this process. An error when it cannot be started: kNotFound when there is no such program.
//
// Blocks the calling thread, any; the child has that thread's priority. posix_spawn runs no code of
// ours between fork and exec and copies no page tables, so other threads and large heaps are no
// matter.
core::Result<ChildEnd> RunChild(const ChildCommand& command, int stop_descriptor,
                                const std::function<void(std::string_view)>& say);

}  // namespace freshet::daemon
