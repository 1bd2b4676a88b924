#include "daemon/systemd_notify.h"

#include <cstdint>

#include <systemd/sd-daemon.h>

namespace freshet::daemon {
namespace {

// Without systemd there is nobody to tell: a failure changes nothing.
void Tell(const std::string& state) { (void)sd_notify(0, state.c_str()); }

}  // namespace

void SystemdNotify::Ready() { Tell("READY=1\nSTATUS=serving"); }
void SystemdNotify::Stopping() { Tell("STOPPING=1\nSTATUS=finishing requests"); }
void SystemdNotify::Alive() { Tell("WATCHDOG=1"); }

void SystemdNotify::Progress(const std::string& status, std::chrono::seconds more_time) {
  const auto microseconds = std::chrono::microseconds(more_time).count();
  Tell("STATUS=" + status + "\nEXTEND_TIMEOUT_USEC=" + std::to_string(microseconds));
}

std::optional<std::chrono::microseconds> SystemdNotify::WatchdogInterval() {
  std::uint64_t interval = 0;
  if (sd_watchdog_enabled(0, &interval) <= 0) return std::nullopt;
  return std::chrono::microseconds(interval);
}

}  // namespace freshet::daemon
