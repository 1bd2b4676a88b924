// SystemdNotify: tells systemd how the daemon is doing. Does nothing when systemd did not start it.
//
// Stateless; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace freshet::daemon {

class SystemdNotify {
 public:
  static void Ready();
  static void Stopping();
  static void Alive();
  // One line for `systemctl status`, and more time to start or stop in.
  static void Progress(const std::string& status, std::chrono::seconds more_time);
  // How often Alive() is expected at the latest; nothing when the watchdog is off.
  static std::optional<std::chrono::microseconds> WatchdogInterval();
};

}  // namespace freshet::daemon
