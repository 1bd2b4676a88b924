// RequestLog: the log lines that an operator finds about requests: every delete, and a sample of
// the refused ones.
//
// One for each server thread, used on it alone. A client that sends the same mistake a thousand
// times a second gets one line a minute for each status.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "daemon/http/message.h"

namespace freshet::daemon::api {

class RequestLog {
 public:
  static constexpr std::chrono::seconds kInterval{60};

  // The line for an exchange that was answered, or nothing. Lines have no control characters.
  std::optional<std::string> LineFor(const http::Request& request, const http::Response& response,
                                     std::chrono::steady_clock::time_point now);

 private:
  // Refusals of one status.
  struct Refused {
    std::chrono::steady_clock::time_point logged;
    std::uint64_t unlogged = 0;
    bool is_known = false;
  };
  static constexpr unsigned kFirstStatus = 400;
  static constexpr std::size_t kStatuses = 200;

  std::array<Refused, kStatuses> refused_;
};

}  // namespace freshet::daemon::api
