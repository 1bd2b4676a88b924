#include "daemon/http/authority.h"

#include <algorithm>

#include "daemon/http/message.h"

namespace freshet::daemon::http {
namespace {

constexpr std::string_view kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+;=%";
constexpr std::string_view kAddressCharacters = "abcdefABCDEF0123456789:.";

bool ConsistsOf(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

// Where the host ends: after the bracket of an IPv6 address, else before the colon.
std::size_t HostSize(std::string_view authority) {
  if (!authority.starts_with('[')) return std::min(authority.find(':'), authority.size());
  const std::size_t bracket = authority.find(']');
  return bracket == std::string_view::npos ? authority.size() : bracket + 1;
}

}  // namespace

bool IsAuthority(std::string_view text) {
  const std::string_view host = text.substr(0, HostSize(text));
  std::string_view port = text.substr(host.size());
  if (!port.empty() && port.front() != ':') return false;
  port.remove_prefix(std::min<std::size_t>(1, port.size()));
  if (!ConsistsOf(port, "0123456789") || port.size() > 5) return false;
  if (!host.starts_with('[')) return !host.empty() && ConsistsOf(host, kNameCharacters);
  return host.size() > 2 && host.ends_with(']') &&
         ConsistsOf(host.substr(1, host.size() - 2), kAddressCharacters);
}

std::string_view HostOf(std::string_view authority) {
  std::string_view host = authority.substr(0, HostSize(authority));
  if (host.size() > 1 && host.ends_with('.')) host.remove_suffix(1);
  return host;
}

std::string_view PortOf(std::string_view authority) {
  const std::size_t size = HostSize(authority);
  return authority.substr(std::min(size + 1, authority.size()));
}

std::optional<AbsoluteTarget> SplitAbsoluteTarget(std::string_view target) {
  const std::size_t colon = target.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = target.substr(0, colon);
  if (!EqualsIgnoringCase(scheme, "http") && !EqualsIgnoringCase(scheme, "https")) {
    return std::nullopt;
  }
  const std::string_view after = target.substr(colon + 3);
  const std::string_view authority = after.substr(0, after.find_first_of("/?#"));
  if (!IsAuthority(authority)) return std::nullopt;
  return AbsoluteTarget{scheme, authority, after.substr(authority.size())};
}

}  // namespace freshet::daemon::http
