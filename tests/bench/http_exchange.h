// HttpExchange: one keep-alive connection that sends prepared requests and finds the ends of
// answers, with as little work as possible, so that a load generator costs far less than the server
// it measures.
//
// Blocking when used by itself, or driven by the owner's epoll in pieces. One thread.
#pragma once

#include <string>
#include <string_view>

namespace freshet::bench {

class HttpExchange {
 public:
  // Connects at once; ends the program with a message when it cannot.
  HttpExchange(const std::string& address, int port);
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;
  ~HttpExchange();

  [[nodiscard]] int socket() const { return socket_; }

  // Sends the whole request, blocking if need be.
  void Send(std::string_view request);

  // Reads what is there (waits for at least a byte). True once the answer is complete.
  bool Receive();

  // Send, then Receive until complete. The answer's body, valid until the next use.
  std::string_view Call(std::string_view request);

  // Of the answer received last.
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] std::string_view body() const;

 private:
  bool ParseHead();

  int socket_ = -1;
  std::string buffer_;
  std::size_t head_size_ = 0;  // 0 until the head is complete
  std::size_t body_size_ = 0;
  int status_ = 0;
};

// The text of a request with Content-Length, ready to send.
std::string MakeRequest(std::string_view method, std::string_view target, std::string_view body,
                        std::string_view content_type = "application/json");

}  // namespace freshet::bench
