#include "daemon/api/request_log.h"

#include <algorithm>
#include <string_view>

namespace freshet::daemon::api {
namespace {

constexpr std::size_t kMaximumShown = 300;
constexpr unsigned kNotFound = 404;

// Clients choose targets, and answers quote what they sent: neither may write lines of its own.
std::string Printable(std::string_view text) {
  std::string shown(text.substr(0, kMaximumShown));
  std::replace_if(
      shown.begin(), shown.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  if (text.size() > kMaximumShown) shown += "...";
  return shown;
}

std::string Requested(const http::Request& request) {
  const std::string_view method = boost::beast::http::to_string(request.method);
  return std::string(method) + " " + Printable(request.path());
}

}  // namespace

std::optional<std::string> RequestLog::LineFor(const http::Request& request,
                                               const http::Response& response,
                                               std::chrono::steady_clock::time_point now) {
  if (response.status < kFirstStatus) {
    if (request.method != http::Method::delete_) return std::nullopt;
    return "deleted by request: " + Requested(request);
  }
  // Asking for an item that is not there is everyday traffic.
  if (response.status == kNotFound || response.status >= kFirstStatus + kStatuses) {
    return std::nullopt;
  }
  Refused& refused = refused_[response.status - kFirstStatus];
  if (refused.is_known && now - refused.logged < kInterval) {
    ++refused.unlogged;
    return std::nullopt;
  }
  std::string line = "refused with " + std::to_string(response.status) + ": " + Requested(request) +
                     ": " + Printable(response.body);
  if (refused.unlogged > 0) {
    line +=
        " (and " + std::to_string(refused.unlogged) + " more with this status since the last line)";
  }
  refused = {.logged = now, .unlogged = 0, .is_known = true};
  return line;
}

}  // namespace freshet::daemon::api
