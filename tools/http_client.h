// HttpClient: one keep-alive connection to a daemon, for the command line.
//
// Plain HTTP/1.1. It connects when it is first used and again after a connection broke; it does not
// send twice by itself, since only the caller knows whether that is safe. Blocking, with a time
// limit for each request. Owned by whoever asks; one thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace freshet::tools {

struct HttpResponse {
  unsigned status = 0;
  std::string body;
  std::chrono::seconds retry_after{0};  // what a 429 or 503 asks for; 0: nothing

  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
  // Too busy now: worth another try.
  [[nodiscard]] bool busy() const { return status == 429 || status == 503; }
};

class HttpClient {
 public:
  // `url` is like http://127.0.0.1:7979; the port may be absent. kInvalidArgument for anything
  // else.
  static core::Result<HttpClient> Create(
      std::string_view url, std::chrono::milliseconds timeout = std::chrono::seconds(30));

  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;
  ~HttpClient();

  // Any status is a response; kUnavailable when none came: nobody listens, the connection broke or
  // the time is over. Then the request may or may not have taken effect.
  core::Result<HttpResponse> Get(std::string_view target);
  core::Result<HttpResponse> Post(std::string_view target, std::string_view content_type,
                                  std::string_view body);
  core::Result<HttpResponse> Put(std::string_view target, std::string_view body);
  core::Result<HttpResponse> Delete(std::string_view target);

  [[nodiscard]] const std::string& url() const;

 private:
  class Connection;
  explicit HttpClient(std::unique_ptr<Connection> connection);

  std::unique_ptr<Connection> connection_;
};

// `text` as a part of a path or query: all but letters, digits and -._~ as %XX.
std::string UrlEncode(std::string_view text);

}  // namespace freshet::tools
