// ListenAddress: where the daemon listens, as server.listen writes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace freshet::config {

struct ListenAddress {
  std::string address;     // numeric, without brackets: "127.0.0.1", "::1"
  std::uint16_t port = 0;  // 0: any free port
  bool loopback = false;   // reachable from this machine only
};

// Reads ADDRESS:PORT with a numeric address, an IPv6 one in brackets: "127.0.0.1:7979",
// "[::1]:7979". Nothing when the text is something else.
std::optional<ListenAddress> ParseListenAddress(std::string_view text);

}  // namespace freshet::config
