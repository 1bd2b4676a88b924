#include "daemon/watchdog.h"

#include <spdlog/spdlog.h>

#include "daemon/systemd_notify.h"

namespace freshet::daemon {

Watchdog::Watchdog(boost::asio::io_context* context, const Engine* engine)
    : engine_(engine), timer_(*context) {
  const auto interval = SystemdNotify::WatchdogInterval();
  if (!interval) return;
  interval_ = *interval / 3;  // so that one late round is no death
  Schedule();
}

void Watchdog::Schedule() {
  timer_.expires_after(interval_);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) Check();
  });
}

void Watchdog::Check() {
  const EngineStatus status = engine_->Status();
  // An engine that says why it does not take entries is at work on it; one that only stands still
  // is stuck.
  const bool stuck = status.ready && status.lag > 0 && status.applied_entries == applied_;
  applied_ = status.applied_entries;
  if (stuck) {
    spdlog::error("the apply thread stands still with {} entries to apply", status.lag);
  } else {
    SystemdNotify::Alive();
  }
  Schedule();
}

}  // namespace freshet::daemon
