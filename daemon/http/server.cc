#include "daemon/http/server.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <new>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

namespace freshet::daemon::http {
namespace asio = boost::asio;
using asio::ip::tcp;
namespace {

// Out of file descriptors: connections wait in the listen queue until others have closed.
constexpr std::chrono::milliseconds kAcceptPause{50};
// A shortage without further signs for so long is over: closing one idle connection ends none.
constexpr std::chrono::seconds kShortageEnds{10};

std::vector<std::unique_ptr<ServerThread>> MakeThreads(const ServerOptions& options,
                                                       std::atomic<std::uint32_t>* open,
                                                       MemoryBudget* memory) {
  std::vector<std::unique_ptr<ServerThread>> threads;
  for (std::size_t i = 0; i < options.threads; ++i) {
    threads.push_back(std::make_unique<ServerThread>(options, i, open, memory));
  }
  return threads;
}

rlim_t DescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::numeric_limits<int>::max();
  return std::min<rlim_t>(limit.rlim_cur, std::numeric_limits<int>::max());
}

// A new descriptor has the lowest free number, so its number says how many are open.
int ScarceFrom() {
  const rlim_t limit = DescriptorLimit();
  return static_cast<int>(limit - std::clamp<rlim_t>(limit / 8, 16, 256));
}

bool IsShortage(const boost::system::error_code& error) {
  return error == asio::error::no_descriptors || error == asio::error::no_memory ||
         error == asio::error::no_buffer_space || error.value() == ENFILE;
}

}  // namespace

Server::Server(const ServerOptions& options)
    : options_(options),
      memory_(options.maximum_memory_bytes),
      threads_(MakeThreads(options_, &open_connections_, &memory_)),
      acceptor_(threads_.front()->context()),
      accept_again_(threads_.front()->context()),
      scarce_from_(ScarceFrom()) {}

// NOLINTNEXTLINE(bugprone-exception-escape): without memory to stop with there is nothing to save.
Server::~Server() { Stop(std::chrono::milliseconds(0)); }

core::Result<std::unique_ptr<Server>> Server::Listen(const ServerOptions& options) {
  std::unique_ptr<Server> server(new Server(options));
  FRESHET_RETURN_IF_ERROR(server->Bind());
  return server;
}

core::Status Server::Bind() {
  const std::string where = options_.address + ":" + std::to_string(options_.port);
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options_.address, error);
  if (error) return core::InvalidArgument(options_.address + " is no numeric IP address");
  const tcp::endpoint endpoint(address, options_.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  if (error == asio::error::address_in_use) {
    return core::Unavailable(
        "cannot listen on " + where +
        ": the port is in use by another process; stop it or choose another with "
        "--listen ADDRESS:PORT");
  }
  if (error) return core::IoError("cannot listen on " + where + ": " + error.message());
  port_ = acceptor_.local_endpoint().port();
  return {};
}

void Server::Start(const MakeHandler& make_handler) {
  started_ = true;
  scarce_from_ = ScarceFrom();
  for (const auto& thread : threads_) thread->Start(make_handler);
  asio::post(acceptor_.get_executor(), [this] { Accept(); });
}

void Server::Accept() {
  if (!acceptor_.is_open()) return;
  const std::size_t thread = next_thread_++ % threads_.size();
  acceptor_.async_accept(threads_[thread]->context(),
                         [this, thread](boost::system::error_code error, tcp::socket socket) {
                           OnAccepted(error, std::move(socket), thread);
                         });
}

void Server::OnAccepted(boost::system::error_code error, tcp::socket socket, std::size_t thread) {
  if (error == asio::error::operation_aborted) return;
  if (IsShortage(error)) {
    NoteDescriptors(true);
    for (const auto& each : threads_) each->PostCloseLongestIdle();
    return AcceptAgainLater();
  }
  if (!error) {
    const bool scarce = socket.native_handle() >= scarce_from_;
    NoteDescriptors(scarce);
    try {
      threads_[thread]->Adopt(std::move(socket), scarce);
    } catch (const std::bad_alloc&) {  // without memory to serve it the connection is closed
    }
  }
  Accept();
}

void Server::AcceptAgainLater() {
  accept_again_.expires_after(kAcceptPause);
  accept_again_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) Accept();
  });
}

void Server::NoteDescriptors(bool scarce) {
  const auto now = std::chrono::steady_clock::now();
  if (scarce) {
    descriptor_shortages_.fetch_add(1, std::memory_order_relaxed);
    last_shortage_ = now;
    if (std::exchange(is_scarce_, true)) return;
    spdlog::warn(
        "file descriptors run short, this process may open {}: idle connections are closed to "
        "leave some for the data folder; raise the limit (ulimit -n, LimitNOFILE=) or lower "
        "server.maximum_connections",
        DescriptorLimit());
  } else if (is_scarce_ && now - last_shortage_ > kShortageEnds) {
    is_scarce_ = false;
    spdlog::info("file descriptors suffice again");
  }
}

void Server::Stop(std::chrono::milliseconds timeout) {
  if (!std::exchange(started_, false)) return;
  asio::post(acceptor_.get_executor(), [this] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    accept_again_.cancel();
  });
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (const auto& thread : threads_) thread->BeginStop();
  for (const auto& thread : threads_) thread->Join(deadline);
}

}  // namespace freshet::daemon::http
