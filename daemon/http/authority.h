// Authorities: "name:port" of a Host header, an absolute target or an Origin, and its parts.
#pragma once

#include <optional>
#include <string_view>

namespace freshet::daemon::http {

// Whether the text has the form of a host with an optional port.
bool IsAuthority(std::string_view text);

// The host, without its port and without the dot that may end a full name; an IPv6 address keeps
// its brackets. REQUIRES: IsAuthority.
std::string_view HostOf(std::string_view authority);
// The port; empty when there is none. REQUIRES: IsAuthority.
std::string_view PortOf(std::string_view authority);

// "http://host:port/path?query" in two; `rest` may be empty.
struct AbsoluteTarget {
  std::string_view scheme;
  std::string_view authority;
  std::string_view rest;
};
// Nothing when it is no http or https URL with a valid authority.
std::optional<AbsoluteTarget> SplitAbsoluteTarget(std::string_view target);

}  // namespace freshet::daemon::http
