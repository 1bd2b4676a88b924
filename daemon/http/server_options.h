// What the HTTP server is told. Plain values; the application fills them from the settings.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace freshet::daemon::http {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free port
  std::size_t threads = 1;
  std::uint32_t maximum_connections = 10'000;
  std::uint32_t maximum_header_bytes = 16u << 10;
  std::uint64_t maximum_body_bytes = 16u << 20;
  // What the bodies and unread answers of all connections may take together.
  std::uint64_t maximum_memory_bytes = 512u << 20;
  // What a client may still send after its request was refused, before the connection is cut.
  std::uint64_t maximum_drained_bytes = 512u << 20;
  std::chrono::milliseconds idle_timeout{60'000};
  std::chrono::milliseconds request_timeout{10'000};
};

}  // namespace freshet::daemon::http
