// TestClient: one TCP connection that speaks HTTP as a test wants it, byte by byte if need be.
// Blocking, with a deadline, so that a test fails rather than hangs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace freshet::daemon {

struct TestAnswer {
  int status = 0;                              // 0: the connection ended before an answer was whole
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

class TestClient {
 public:
  explicit TestClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{30, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;
  ~TestClient() { ::close(socket_); }

  // False when the other side has closed.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  TestAnswer Receive(bool head_only = false) {
    TestAnswer answer;
    const std::size_t end = Until("\r\n\r\n");
    if (end == std::string::npos) return answer;
    std::string head = pending_.substr(0, end + 2);
    pending_.erase(0, end + 4);
    ParseHead(head, &answer);
    const auto length = answer.headers.find("content-length");
    const std::size_t size =
        length == answer.headers.end() || head_only ? 0 : std::stoul(length->second);
    while (pending_.size() < size) {
      if (!ReadSome()) return TestAnswer();
    }
    answer.body = pending_.substr(0, size);
    pending_.erase(0, size);
    return answer;
  }

  TestAnswer Ask(std::string_view method, std::string_view target, std::string_view body = {},
                 std::string_view headers = {}) {
    Send(RequestText(method, target, body, headers));
    return Receive(method == "HEAD");
  }

  // Waits for the other side to close; true when nothing came before that.
  bool IsClosed() { return pending_.empty() && !ReadSome(); }

  static std::string RequestText(std::string_view method, std::string_view target,
                                 std::string_view body = {}, std::string_view headers = {}) {
    std::string text(method);
    text.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n").append(headers);
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text.append("\r\n").append(body);
  }

 private:
  static void ParseHead(std::string_view head, TestAnswer* answer) {
    answer->status = std::stoi(std::string(head.substr(9, 3)));
    head.remove_prefix(head.find("\r\n") + 2);
    while (!head.empty()) {
      const std::size_t end = head.find("\r\n");
      const std::size_t colon = head.find(": ");
      std::string name(head.substr(0, colon));
      std::transform(name.begin(), name.end(), name.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      answer->headers[name] = head.substr(colon + 2, end - colon - 2);
      head.remove_prefix(end + 2);
    }
  }

  std::size_t Until(std::string_view mark) {
    while (pending_.find(mark) == std::string::npos) {
      if (!ReadSome()) return std::string::npos;
    }
    return pending_.find(mark);
  }

  bool ReadSome() {
    char buffer[16 * 1024];
    const ssize_t size = ::recv(socket_, buffer, sizeof(buffer), 0);
    if (size <= 0) return false;
    pending_.append(buffer, static_cast<std::size_t>(size));
    return true;
  }

  int socket_;
  std::string pending_;
};

}  // namespace freshet::daemon
