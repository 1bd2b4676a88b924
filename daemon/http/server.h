// Server: an HTTP/1.1 server of a fixed number of threads, each with its own connections.
//
// Owned by the application. Listen binds; Start begins to answer; Stop lets requests under way
// finish. Connections are dealt round-robin. Whoever holds a Later must let go of it before the
// Server is destroyed.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/result.h"
#include "daemon/http/handler.h"
#include "daemon/http/server_options.h"
#include "daemon/http/server_thread.h"

namespace freshet::daemon::http {

class Server {
 public:
  // Binds and listens; clients may connect from now on and wait until Start. kUnavailable names the
  // address when it is in use.
  static core::Result<std::unique_ptr<Server>> Listen(const ServerOptions& options);

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  // NOLINTNEXTLINE(bugprone-exception-escape): see its definition.
  ~Server();

  void Start(const MakeHandler& make_handler);
  // Takes no more connections, lets requests under way finish until `timeout` has passed, then
  // closes all. Idempotent. Handlers are destroyed when it returns.
  void Stop(std::chrono::milliseconds timeout);

  // Connections that came when this process could open hardly a file more. Any thread.
  [[nodiscard]] std::uint64_t descriptor_shortages() const {
    return descriptor_shortages_.load(std::memory_order_relaxed);
  }
  // Bytes of ServerOptions::maximum_memory_bytes that are taken. Any thread.
  [[nodiscard]] std::uint64_t memory_used() const { return memory_.used(); }
  // The actual port, also when 0 was asked for.
  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Any thread.
  [[nodiscard]] std::uint32_t open_connections() const {
    return open_connections_.load(std::memory_order_relaxed);
  }

 private:
  explicit Server(const ServerOptions& options);
  core::Status Bind();
  // Notes, once each, in the log when descriptors run short and when they suffice again.
  void NoteDescriptors(bool scarce);
  void AcceptAgainLater();
  void Accept();
  void OnAccepted(boost::system::error_code error, boost::asio::ip::tcp::socket socket,
                  std::size_t thread);

  const ServerOptions options_;
  std::atomic<std::uint32_t> open_connections_{0};
  MemoryBudget memory_;
  std::atomic<std::uint64_t> descriptor_shortages_{0};
  std::vector<std::unique_ptr<ServerThread>> threads_;
  boost::asio::ip::tcp::acceptor acceptor_;  // on the first thread, as is accept_again_
  boost::asio::steady_timer accept_again_;
  std::size_t next_thread_ = 0;
  int scarce_from_;  // descriptors from this number on are kept for the data folder
  bool is_scarce_ = false;
  std::chrono::steady_clock::time_point last_shortage_;
  std::uint16_t port_ = 0;
  bool started_ = false;
};

}  // namespace freshet::daemon::http
