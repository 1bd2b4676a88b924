#include "daemon/http/server_thread.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <new>
#include <utility>

#include <boost/asio/post.hpp>

namespace freshet::daemon::http {
namespace asio = boost::asio;
namespace {

// Connections beyond the limit that a thread holds at one time.
constexpr std::size_t kMaximumGuests = 64;

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
                           std::atomic<std::uint32_t>* open_connections, MemoryBudget* memory)
    : options_(options),
      number_(number),
      open_connections_(open_connections),
      memory_(memory),
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
  Serve();
  // Connections may outlive this in operations that were cut; the handler may not.
  for (const std::shared_ptr<Connection>& connection : std::exchange(connections_, {})) {
    connection->index = SIZE_MAX;
    connection->Close();
  }
  handler_.reset();
  finished_.set_value();
}

// An allocation that fails outside of any request loses the step that needed it; a connection that
// loses one so ends at its deadline.
void ServerThread::Serve() {
  for (;;) {
    try {
      ScheduleTick();
      context_.run();
      return;
    } catch (const std::bad_alloc&) {
    }
  }
}

void ServerThread::Adopt(asio::ip::tcp::socket socket, bool scarce) {
  asio::post(context_, [this, scarce, moved = std::move(socket)]() mutable {
    Add(std::move(moved), scarce);
  });
}

void ServerThread::Add(asio::ip::tcp::socket socket, bool scarce) {
  if (stopping_) return;
  const bool has_room = !scarce || CloseLongestIdle();
  auto connection = std::make_shared<Connection>(this, std::move(socket));
  connection->is_guest = !has_room || !Count();
  if (connection->is_guest) {
    MakeRoomForGuest();
    guests_.push_back(connection);
    ++guest_count_;
  }
  connection->index = connections_.size();
  connections_.push_back(connection);
  connection->Start();
}

// Counts one more connection, if the limit allows it.
bool ServerThread::Count() {
  if (open_connections_->fetch_add(1, std::memory_order_relaxed) < options_.maximum_connections) {
    return true;
  }
  open_connections_->fetch_sub(1, std::memory_order_relaxed);
  return false;
}

// The oldest guest is closed for the next: a health check asks as soon as it is connected.
void ServerThread::MakeRoomForGuest() {
  while (!guests_.empty() && (guests_.front().expired() || guest_count_ >= kMaximumGuests)) {
    const std::shared_ptr<Connection> oldest = guests_.front().lock();
    guests_.pop_front();
    if (oldest) oldest->TurnAway();
  }
}

bool ServerThread::CloseLongestIdle() {
  std::shared_ptr<Connection> longest;
  for (const std::shared_ptr<Connection>& connection : connections_) {
    if (connection->is_guest || !connection->is_idle()) continue;
    if (!longest || connection->deadline() < longest->deadline()) longest = connection;
  }
  if (longest) longest->Close();
  return longest != nullptr;
}

void ServerThread::PostCloseLongestIdle() {
  asio::post(context_, [this] { CloseLongestIdle(); });
}

void ServerThread::Remove(Connection* connection) {
  if (connection->is_guest) {
    --guest_count_;
  } else {
    open_connections_->fetch_sub(1, std::memory_order_relaxed);
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
