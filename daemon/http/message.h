// Request and Response: one HTTP exchange as a Handler sees it.
//
// Both belong to a connection and are used again for each of its exchanges, so a warm connection
// allocates nothing. Single-threaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>  // boost/core/string_view.hpp needs it and does not say so
#include <string>
#include <string_view>
#include <vector>

#include <boost/beast/http/verb.hpp>

namespace freshet::daemon::http {

// A body up to this size is no matter: a connection keeps room for it, outside of any budget.
inline constexpr std::size_t kSmallBodyBytes = 16 * 1024;

using Method = boost::beast::http::verb;

// A request, whole. Views are valid until the exchange ends.
class Request {
 public:
  Method method = Method::unknown;
  bool keep_alive = true;
  bool is_http_1_0 = false;
  std::string body;

  [[nodiscard]] std::string_view target() const { return target_; }
  // The target up to its '?', still percent-encoded, and what follows it.
  [[nodiscard]] std::string_view path() const { return target().substr(0, target().find('?')); }
  [[nodiscard]] std::string_view query() const;
  // The first header of that name, in any case; empty when there is none.
  [[nodiscard]] std::string_view Header(std::string_view name) const;
  // How many headers have that name.
  [[nodiscard]] std::size_t CountHeaders(std::string_view name) const;
  // Whom the request is for, "name:port" or "name": the authority of an absolute target, else the
  // Host header. Empty when an HTTP/1.0 request names nobody.
  [[nodiscard]] std::string_view host() const { return host_; }

  // For the parser.
  void Clear();
  // Gives back what a large body takes.
  void ClearBody();
  void SetTarget(std::string_view target) { target_ = target; }
  void SetHost(std::string_view host) { host_ = host; }
  void AddHeader(std::string_view name, std::string_view value);

 private:
  struct Place {
    std::uint32_t name_start;
    std::uint32_t name_size;
    std::uint32_t value_size;
  };

  std::string target_;
  std::string host_;
  std::string header_text_;  // names and values, one after the other
  std::vector<Place> headers_;
};

// An answer to be. The connection adds the status line, Date, Content-Length and Connection.
class Response {
 public:
  unsigned status = 200;
  std::string_view content_type = "application/json";  // a literal
  std::string body;
  bool close = false;  // ends the connection after this answer
  int mark = 0;        // the handler's own, for its Answered()

  void AddHeader(std::string_view name, std::string_view value);
  // All headers added, each with its line end.
  [[nodiscard]] std::string_view headers() const { return headers_; }

  void Clear();
  // Gives back what a large body takes.
  void ClearBody();

 private:
  std::string headers_;
};

// Names of headers, media types, hosts: equal whatever the case of their ASCII letters.
bool EqualsIgnoringCase(std::string_view a, std::string_view b);
// Whether a Content-Type header is of that media type, whatever its parameters and case.
bool IsMediaType(std::string_view content_type, std::string_view media_type);

// Appends `response` as HTTP/1.1. `date` is the value of the Date header. A HEAD request gets the
// head alone.
void AppendResponse(const Request& request, const Response& response, std::string_view date,
                    bool keep_alive, std::string* out);

}  // namespace freshet::daemon::http
