#include "tools/http_client.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace freshet::tools {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::uint64_t kMaximumBody = 64ULL << 20;
constexpr std::string_view kDefaultPort = "7979";

struct Address {
  std::string url;
  std::string host;
  std::string port;
};

core::Result<Address> ParseUrl(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  const core::Error bad = core::InvalidArgument("\"" + std::string(url) +
                                                "\" is not an address like http://127.0.0.1:7979");
  std::string_view rest = url;
  if (!rest.starts_with(kScheme)) return bad;
  rest.remove_prefix(kScheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.empty() || rest.find_first_of("/?#@ ") != std::string_view::npos) return bad;
  Address address;
  // An IPv6 address has colons of its own, within brackets.
  const std::size_t bracket = rest.find(']');
  const std::size_t colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  address.host = rest.substr(0, colon);
  address.port = colon == std::string_view::npos ? kDefaultPort : rest.substr(colon + 1);
  if (address.host.starts_with('[')) address.host = address.host.substr(1, address.host.size() - 2);
  if (address.host.empty() || address.port.empty() ||
      address.port.find_first_not_of("0123456789") != std::string::npos) {
    return bad;
  }
  address.url = std::string(kScheme) + std::string(rest);
  return address;
}

std::chrono::seconds RetryAfter(const http::response<http::string_body>& response) {
  const auto field = response.find(http::field::retry_after);
  if (field == response.end()) return std::chrono::seconds(0);
  const auto text = field->value();
  unsigned seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::chrono::seconds(std::min(seconds, 60U));
}

}  // namespace

// The asynchronous calls are run to their end one at a time: only these keep a deadline.
class HttpClient::Connection {
 public:
  Connection(Address address, std::chrono::milliseconds timeout)
      : address_(std::move(address)), timeout_(timeout) {}

  core::Result<HttpResponse> Send(http::verb method, std::string_view target,
                                  std::string_view content_type, std::string_view body) {
    if (!stream_) {
      if (const error_code error = Connect()) return Broken("cannot connect", error);
    }
    if (const error_code error = Write(method, target, content_type, body)) {
      return Broken("the connection broke", error);
    }
    http::response_parser<http::string_body> parser;
    parser.body_limit(kMaximumBody);
    const error_code error = Complete([&](auto&& done) {
      http::async_read(*stream_, buffer_, parser, std::forward<decltype(done)>(done));
    });
    if (error) return Broken("no answer came", error);
    http::response<http::string_body> response = parser.release();
    if (!response.keep_alive()) Close();
    return HttpResponse{response.result_int(), std::move(response.body()), RetryAfter(response)};
  }

  [[nodiscard]] const std::string& url() const { return address_.url; }

 private:
  error_code Connect() {
    asio::ip::tcp::resolver resolver(context_);
    error_code error;
    const auto endpoints = resolver.resolve(address_.host, address_.port, error);
    if (error) return error;
    stream_.emplace(context_);
    buffer_.clear();
    error = Complete([&](auto&& done) {
      stream_->async_connect(endpoints, std::forward<decltype(done)>(done));
    });
    if (!error) stream_->socket().set_option(asio::ip::tcp::no_delay(true), error);
    return error;
  }

  error_code Write(http::verb method, std::string_view target, std::string_view content_type,
                   std::string_view body) {
    http::request<http::span_body<const char>> request(method, {target.data(), target.size()}, 11);
    request.set(http::field::host, address_.host + ":" + address_.port);
    request.set(http::field::user_agent, "freshet");
    if (!content_type.empty()) {
      request.set(http::field::content_type, {content_type.data(), content_type.size()});
    }
    request.body() = {body.data(), body.size()};
    request.prepare_payload();
    return Complete([&](auto&& done) {
      http::async_write(*stream_, request, std::forward<decltype(done)>(done));
    });
  }

  template <typename Start>
  error_code Complete(Start&& start) {
    error_code result = beast::error::timeout;
    stream_->expires_after(timeout_);
    start([&](error_code error, auto&&...) { result = error; });
    context_.restart();
    context_.run();
    return result;
  }

  core::Error Broken(std::string_view what, const error_code& error) {
    Close();
    return core::Unavailable(address_.url + ": " + std::string(what) + ": " + error.message());
  }

  void Close() { stream_.reset(); }

  const Address address_;
  const std::chrono::milliseconds timeout_;
  asio::io_context context_{1};
  std::optional<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
};

core::Result<HttpClient> HttpClient::Create(std::string_view url,
                                            std::chrono::milliseconds timeout) {
  auto address = ParseUrl(url);
  if (!address) return address.error();
  return HttpClient(std::make_unique<Connection>(std::move(*address), timeout));
}

HttpClient::HttpClient(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

core::Result<HttpResponse> HttpClient::Get(std::string_view target) {
  return connection_->Send(http::verb::get, target, {}, {});
}

core::Result<HttpResponse> HttpClient::Post(std::string_view target, std::string_view content_type,
                                            std::string_view body) {
  return connection_->Send(http::verb::post, target, content_type, body);
}

core::Result<HttpResponse> HttpClient::Put(std::string_view target, std::string_view body) {
  return connection_->Send(http::verb::put, target, "application/json", body);
}

core::Result<HttpResponse> HttpClient::Delete(std::string_view target) {
  return connection_->Send(http::verb::delete_, target, {}, {});
}

const std::string& HttpClient::url() const { return connection_->url(); }

std::string UrlEncode(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  static constexpr std::string_view kPlain = "-._~";
  std::string encoded;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kPlain.find(c) != std::string_view::npos) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kHex[byte >> 4];
    encoded += kHex[byte & 15];
  }
  return encoded;
}

}  // namespace freshet::tools
