// A server of one test: answers each request on loopback with the next answer of a script.
#pragma once

#include <charconv>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace freshet::tools {

class ScriptedServer {
 public:
  // An answer that is empty closes the connection instead of answering.
  explicit ScriptedServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 8);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { Serve(); });
  }
  ~ScriptedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] const std::string& url() const { return url_; }
  // "POST /v1/events" and the body, of each request that came.
  struct Request {
    std::string line;
    std::string body;
  };
  std::vector<Request> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  static std::string Answer(int status, std::string_view body, std::string_view headers = {}) {
    return "HTTP/1.1 " + std::to_string(status) +
           " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(headers) +
           "\r\n" + std::string(body);
  }

 private:
  void Serve() {
    while (next_ < answers_.size()) {
      const int client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      while (next_ < answers_.size() && AnswerOne(client)) {
      }
      ::close(client);
    }
    // Whoever connects now is refused.
    ::shutdown(listener_, SHUT_RDWR);
  }

  bool AnswerOne(int client) {
    std::string text;
    std::size_t head = std::string::npos;
    std::size_t length = 0;
    while (head == std::string::npos || text.size() < head + 4 + length) {
      char buffer[4096];
      const ssize_t count = ::recv(client, buffer, sizeof buffer, 0);
      if (count <= 0) return false;
      text.append(buffer, static_cast<std::size_t>(count));
      head = text.find("\r\n\r\n");
      const std::size_t field = text.find("Content-Length: ");
      if (field < head) {
        std::from_chars(text.data() + field + 16, text.data() + text.size(), length);
      }
    }
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back({text.substr(0, text.find(" HTTP/")), text.substr(head + 4, length)});
    }
    const std::string& answer = answers_[next_++];
    if (answer.empty()) return false;
    return ::send(client, answer.data(), answer.size(), MSG_NOSIGNAL) > 0;
  }

  std::vector<std::string> answers_;
  std::size_t next_ = 0;
  int listener_ = -1;
  std::string url_;
  std::mutex mutex_;
  std::vector<Request> requests_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace freshet::tools
