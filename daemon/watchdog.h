// Watchdog: tells systemd that the daemon is alive, as long as entries that are durable get
// applied.
//
// Owned by the application, on whose io_context and thread it runs.
#pragma once

#include <chrono>
#include <cstdint>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "daemon/engine.h"

namespace freshet::daemon {

class Watchdog {
 public:
  // Does nothing when systemd expects no word. `engine` outlives this.
  Watchdog(boost::asio::io_context* context, const Engine* engine);

 private:
  void Schedule();
  void Check();

  const Engine* engine_;
  boost::asio::steady_timer timer_;
  std::chrono::microseconds interval_{0};
  std::uint64_t applied_ = 0;  // entries, at the last check
};

}  // namespace freshet::daemon
