// Logging: one line an event on stderr, as key=value, for journald and people alike.
#pragma once

#include <string>

namespace freshet::daemon {

// Sets the process's default logger up:
//   time=2026-11-22T11:00:00.123Z level=info msg="listening on http://127.0.0.1:7979"
// `level` is one of trace, debug, info, warning, error. Call once, before other threads start.
void SetUpLogging(const std::string& level);

}  // namespace freshet::daemon
