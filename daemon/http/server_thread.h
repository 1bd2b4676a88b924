// ServerThread: one io_context, run by one thread, with the connections dealt to it.
//
// Owned by the Server. All functions run on the thread itself, except where they say otherwise.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "daemon/http/connection.h"
#include "daemon/http/handler.h"
#include "daemon/http/memory_budget.h"
#include "daemon/http/server_options.h"

namespace freshet::daemon::http {

// Called on the server thread of that number, before it serves.
using MakeHandler = std::function<std::unique_ptr<Handler>(std::size_t thread)>;

class ServerThread {
 public:
  ServerThread(const ServerOptions& options, std::size_t number,
               std::atomic<std::uint32_t>* open_connections, MemoryBudget* memory);
  ServerThread(const ServerThread&) = delete;
  ServerThread& operator=(const ServerThread&) = delete;
  ~ServerThread();

  // Any thread: the first two may be called before Start.
  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  void Start(MakeHandler make_handler);
  // Serves the connection from now on. One beyond the limit may ask how the server is, and no more.
  // When descriptors are `scarce` the longest idle connection is closed for it.
  void Adopt(boost::asio::ip::tcp::socket socket, bool scarce);
  // Closes the longest idle connection, if there is one.
  void PostCloseLongestIdle();
  // Closes what is idle and lets requests under way finish; Join waits for them until `deadline`,
  // then cuts what is left.
  void BeginStop();
  void Join(std::chrono::steady_clock::time_point deadline);

  // For connections.
  [[nodiscard]] const ServerOptions& options() const { return options_; }
  [[nodiscard]] MemoryBudget& memory() { return *memory_; }
  [[nodiscard]] Handler& handler() { return *handler_; }
  [[nodiscard]] std::string_view date() const { return date_; }
  // A buffer for bytes that nobody will read.
  [[nodiscard]] boost::asio::mutable_buffer waste() { return boost::asio::buffer(waste_); }
  void Remove(Connection* connection);

 private:
  using WorkGuard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

  void Run(const MakeHandler& make_handler);
  void Serve();
  void Add(boost::asio::ip::tcp::socket socket, bool scarce);
  [[nodiscard]] bool Count();
  void MakeRoomForGuest();
  bool CloseLongestIdle();
  void ScheduleTick();
  void Tick();
  void FinishIfStopped();

  const ServerOptions& options_;
  const std::size_t number_;
  std::atomic<std::uint32_t>* open_connections_;
  MemoryBudget* memory_;
  boost::asio::io_context context_{1};  // before everything that lives on it
  WorkGuard work_;
  boost::asio::steady_timer ticker_;
  std::chrono::milliseconds tick_;
  std::unique_ptr<Handler> handler_;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::deque<std::weak_ptr<Connection>> guests_;  // in the order of their coming; some have left
  std::size_t guest_count_ = 0;                   // those who have not
  bool stopping_ = false;
  std::string date_;
  std::array<char, 64 * 1024> waste_;
  std::promise<void> finished_;
  std::thread thread_;
};

}  // namespace freshet::daemon::http
