#include "daemon/http/server_thread.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include <boost/asio/post.hpp>

namespace freshet::daemon::http {
namespace asio = boost::asio;
namespace {

// Connections beyond the limit that are told so; further ones are closed without a word.
constexpr std::size_t kMaximumRefused = 1000;

// The Date header's form (RFC 9110, 5.6.7), whatever the locale.
std::string HttpDate(std::time_t now) {
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[64];
  const auto size = std::strftime(text, sizeof(text), "???, %d ??? %Y %H:%M:%S GMT", &utc);
  std::string date(text, size);
  date.replace(0, 3, kDays[static_cast<std::size_t>(utc.tm_wday)]);
  date.replace(8, 3, kMonths[static_cast<std::size_t>(utc.tm_mon)]);
  return date;
}

std::chrono::milliseconds TickOf(const ServerOptions& options) {
  const auto shortest = std::min(options.idle_timeout, options.request_timeout);
  return std::clamp(shortest / 8, std::chrono::milliseconds(5), std::chrono::milliseconds(250));
}

}  // namespace

ServerThread::ServerThread(const ServerOptions& options, std::size_t number,
                           std::atomic<std::uint32_t>* open_connections)
    : options_(options),
      number_(number),
      open_connections_(open_connections),
      work_(context_.get_executor()),
      ticker_(context_),
      tick_(TickOf(options)) {}

ServerThread::~ServerThread() { Join(std::chrono::steady_clock::now()); }

void ServerThread::Start(MakeHandler make_handler) {
  thread_ = std::thread([this, make_handler = std::move(make_handler)] { Run(make_handler); });
}

void ServerThread::Run(const MakeHandler& make_handler) {
  handler_ = make_handler(number_);
  date_ = HttpDate(std::time(nullptr));
  ScheduleTick();
  context_.run();
  // Connections may outlive this in operations that were cut; the handler may not.
  for (const std::shared_ptr<Connection>& connection : std::exchange(connections_, {})) {
    connection->index = SIZE_MAX;
    connection->Close();
  }
  handler_.reset();
  finished_.set_value();
}

void ServerThread::Adopt(asio::ip::tcp::socket socket) {
  asio::post(context_, [this, moved = std::move(socket)]() mutable { Add(std::move(moved)); });
}

void ServerThread::Add(asio::ip::tcp::socket socket) {
  if (stopping_) return;
  const bool too_many =
      open_connections_->fetch_add(1, std::memory_order_relaxed) >= options_.maximum_connections;
  if (too_many) {
    open_connections_->fetch_sub(1, std::memory_order_relaxed);
    if (refused_ >= kMaximumRefused) return;
    ++refused_;
  }
  auto connection = std::make_shared<Connection>(this, std::move(socket));
  connection->counted = !too_many;
  connection->index = connections_.size();
  connections_.push_back(connection);
  if (too_many) {
    connection->StartRefusing();
  } else {
    connection->Start();
  }
}

void ServerThread::Remove(Connection* connection) {
  if (connection->counted) {
    open_connections_->fetch_sub(1, std::memory_order_relaxed);
  } else {
    --refused_;
  }
  if (connection->index == SIZE_MAX) return;  // Run is letting go of all
  const std::size_t index = connection->index;
  std::swap(connections_[index], connections_.back());
  connections_[index]->index = index;
  connections_.pop_back();
  FinishIfStopped();
}

void ServerThread::ScheduleTick() {
  ticker_.expires_after(tick_);
  ticker_.async_wait([this](boost::system::error_code error) {
    if (!error) Tick();
  });
}

void ServerThread::Tick() {
  date_ = HttpDate(std::time(nullptr));
  const auto now = std::chrono::steady_clock::now();
  // Backwards, because a connection that closes gives its place to the last.
  for (std::size_t i = connections_.size(); i-- > 0;) {
    if (i >= connections_.size()) continue;
    const std::shared_ptr<Connection> connection = connections_[i];
    connection->Tick(now);
  }
  if (work_.owns_work()) ScheduleTick();
}

void ServerThread::BeginStop() {
  asio::post(context_, [this] {
    stopping_ = true;
    for (std::size_t i = connections_.size(); i-- > 0;) {
      const std::shared_ptr<Connection> connection = connections_[i];
      connection->Stop();
    }
    FinishIfStopped();
  });
}

void ServerThread::FinishIfStopped() {
  if (!stopping_ || !connections_.empty()) return;
  work_.reset();
  ticker_.cancel();
}

void ServerThread::Join(std::chrono::steady_clock::time_point deadline) {
  if (!thread_.joinable()) return;
  finished_.get_future().wait_until(deadline);
  context_.stop();
  thread_.join();
}

}  // namespace freshet::daemon::http
