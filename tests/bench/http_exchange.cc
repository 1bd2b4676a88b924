#include "tests/bench/http_exchange.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace freshet::bench {
namespace {

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::exit(1);
}

}  // namespace

HttpExchange::HttpExchange(const std::string& address, int port) {
  socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
  if (socket_ < 0) Die("socket");
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::inet_pton(AF_INET, address.c_str(), &to.sin_addr) != 1) Die("address");
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) Die("connect");
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

HttpExchange::~HttpExchange() { ::close(socket_); }

void HttpExchange::Send(std::string_view request) {
  buffer_.clear();
  head_size_ = 0;
  while (!request.empty()) {
    const ssize_t sent = ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent <= 0) Die("send");
    request.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool HttpExchange::Receive() {
  std::array<char, 65536> bytes;
  const ssize_t received = ::recv(socket_, bytes.data(), bytes.size(), 0);
  if (received <= 0) Die("recv");
  buffer_.append(bytes.data(), static_cast<std::size_t>(received));
  return (head_size_ != 0 || ParseHead()) && buffer_.size() >= head_size_ + body_size_;
}

std::string_view HttpExchange::Call(std::string_view request) {
  Send(request);
  while (!Receive()) {
  }
  return body();
}

std::string_view HttpExchange::body() const {
  return std::string_view(buffer_).substr(head_size_, body_size_);
}

bool HttpExchange::ParseHead() {
  constexpr std::string_view kEnd = "\r\n\r\n";
  constexpr std::string_view kLength = "content-length: ";
  const std::size_t end = buffer_.find(kEnd);
  if (end == std::string::npos) return false;
  head_size_ = end + kEnd.size();
  status_ = std::atoi(buffer_.c_str() + 9);
  const auto head_end = buffer_.begin() + static_cast<std::ptrdiff_t>(head_size_);
  const auto length = std::search(
      buffer_.begin(), head_end, kLength.begin(), kLength.end(),
      [](char c, char lower) { return (c >= 'A' && c <= 'Z' ? c | 0x20 : c) == lower; });
  body_size_ = length == head_end ? 0 : std::strtoul(&*length + kLength.size(), nullptr, 10);
  return true;
}

std::string MakeRequest(std::string_view method, std::string_view target, std::string_view body,
                        std::string_view content_type) {
  std::string request(method);
  request.append(" ").append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  if (!body.empty()) {
    request.append("Content-Type: ").append(content_type).append("\r\nContent-Length: ");
    request.append(std::to_string(body.size())).append("\r\n");
  }
  return request.append("\r\n").append(body);
}

}  // namespace freshet::bench
