#include "config/listen_address.h"

#include <charconv>

#include <arpa/inet.h>

namespace freshet::config {
namespace {

bool ParsePort(std::string_view text, std::uint16_t* port) {
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, *port);
  return result.ec == std::errc() && result.ptr == end;
}

bool ReadV4(ListenAddress* out) {
  in_addr parsed{};
  if (inet_pton(AF_INET, out->address.c_str(), &parsed) != 1) return false;
  out->loopback = (ntohl(parsed.s_addr) >> 24) == 127;
  return true;
}

bool ReadV6(ListenAddress* out) {
  in6_addr parsed{};
  if (inet_pton(AF_INET6, out->address.c_str(), &parsed) != 1) return false;
  const bool mapped_loopback = IN6_IS_ADDR_V4MAPPED(&parsed) && parsed.s6_addr[12] == 127;
  out->loopback = IN6_IS_ADDR_LOOPBACK(&parsed) || mapped_loopback;
  return true;
}

}  // namespace

std::optional<ListenAddress> ParseListenAddress(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  ListenAddress out;
  if (!ParsePort(text.substr(colon + 1), &out.port)) return std::nullopt;

  std::string_view address = text.substr(0, colon);
  const bool bracketed = address.size() > 2 && address.front() == '[' && address.back() == ']';
  if (bracketed) address = address.substr(1, address.size() - 2);
  out.address = std::string(address);
  // A NUL would end the C string early and hide what follows it.
  if (out.address.find('\0') != std::string::npos) return std::nullopt;
  if (!(bracketed ? ReadV6(&out) : ReadV4(&out))) return std::nullopt;
  return out;
}

}  // namespace freshet::config
