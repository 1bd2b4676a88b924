// SiteGuard: keeps the web pages that a browser on this machine or network has open away from the
// server: requests that a page of another site makes (CSRF), and requests for a name that somebody
// else made point here (DNS rebinding).
//
// One a server thread; single-threaded. The settings outlive it.
#pragma once

#include <string>
#include <string_view>

#include "config/settings.h"
#include "daemon/http/message.h"

namespace freshet::daemon::api {

class SiteGuard {
 public:
  explicit SiteGuard(const config::ServerSettings& settings);

  // Whether the server answers for the host that the request names. A name is enough: the port is
  // another one behind a proxy or a container's port mapping.
  [[nodiscard]] bool AnswersFor(const http::Request& request);

  // Whether a browser says that a page of another site sent the request. Other clients send neither
  // Origin nor Sec-Fetch-Site.
  [[nodiscard]] static bool IsCrossSite(const http::Request& request);

 private:
  [[nodiscard]] bool IsAllowed(std::string_view host) const;

  const config::ServerSettings& settings_;
  std::string listen_address_;
  bool listens_everywhere_ = false;
  bool allows_all_ = false;
  std::string last_allowed_;  // clients name the same host again and again
};

}  // namespace freshet::daemon::api
