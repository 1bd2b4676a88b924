#include "daemon/api/site_guard.h"

#include <algorithm>
#include <optional>

#include "config/listen_address.h"
#include "daemon/http/authority.h"

namespace freshet::daemon::api {
namespace {

// The host's address when it is a number rather than a name.
std::optional<config::ListenAddress> AddressOf(std::string_view host) {
  return config::ParseListenAddress(std::string(host) + ":0");
}

std::string_view PortOf(std::string_view authority, std::string_view scheme) {
  const std::string_view port = http::PortOf(authority);
  if (!port.empty()) return port;
  return http::EqualsIgnoringCase(scheme, "https") ? "443" : "80";
}

// Whether an Origin header, "http://host:port", is the place that the request was sent to. Behind a
// proxy that speaks TLS the request's own scheme is unknown: the origin's is taken for it.
bool IsOwnOrigin(std::string_view origin, std::string_view host) {
  const std::optional<http::AbsoluteTarget> from = http::SplitAbsoluteTarget(origin);
  if (!from || !from->rest.empty() || host.empty()) return false;
  return http::EqualsIgnoringCase(http::HostOf(from->authority), http::HostOf(host)) &&
         PortOf(from->authority, from->scheme) == PortOf(host, from->scheme);
}

}  // namespace

SiteGuard::SiteGuard(const config::ServerSettings& settings) : settings_(settings) {
  const auto listen = config::ParseListenAddress(settings.listen);
  if (listen) listen_address_ = listen->address;
  listens_everywhere_ = listen_address_ == "0.0.0.0" || listen_address_ == "::";
  const auto& allowed = settings.allowed_hosts;
  allows_all_ = std::find(allowed.begin(), allowed.end(), "*") != allowed.end();
}

bool SiteGuard::AnswersFor(const http::Request& request) {
  const std::string_view host = request.host();
  if (allows_all_ || (host.empty() && request.is_http_1_0)) return true;
  if (host.empty()) return false;
  if (host == last_allowed_) return true;
  if (!IsAllowed(http::HostOf(host))) return false;
  last_allowed_ = host;
  return true;
}

bool SiteGuard::IsAllowed(std::string_view host) const {
  if (http::EqualsIgnoringCase(host, "localhost")) return true;
  for (const std::string& allowed : settings_.allowed_hosts) {
    if (http::EqualsIgnoringCase(host, allowed)) return true;
  }
  const auto address = AddressOf(host);
  if (!address) return false;
  // Nobody but the network's owner makes a number point elsewhere.
  return address->loopback || listens_everywhere_ ||
         http::EqualsIgnoringCase(address->address, listen_address_);
}

bool SiteGuard::IsCrossSite(const http::Request& request) {
  const std::string_view site = request.Header("Sec-Fetch-Site");
  if (!site.empty() && !http::EqualsIgnoringCase(site, "same-origin") &&
      !http::EqualsIgnoringCase(site, "none")) {
    return true;
  }
  const std::size_t origins = request.CountHeaders("Origin");
  if (origins == 0) return false;
  return origins > 1 || !IsOwnOrigin(request.Header("Origin"), request.host());
}

}  // namespace freshet::daemon::api
