#include "daemon/http/connection.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <poll.h>

#include "daemon/http/server_thread.h"

namespace freshet::daemon::http {
namespace asio = boost::asio;
namespace {

// Enough for most requests whole, so that one read brings one; little enough for ten thousand idle
// connections.
constexpr std::size_t kSmallInput = 4 * 1024;
constexpr std::size_t kLargeInput = 64 * 1024;  // while a body arrives
// Answers to pipelined requests are written out when so much of them has gathered.
constexpr std::size_t kFlushBytes = 128 * 1024;
// What output may take outside of the budget, and leave allocated on an idle connection.
constexpr std::size_t kKeptOutput = 16 * 1024;

// How long a connection may handle requests before the others of its thread have their turn. A
// request under way is not interrupted.
constexpr std::chrono::microseconds kTurn{100};
// What a guest has for its one request.
constexpr std::chrono::milliseconds kGuestTime{1000};
// A client that has closed its side may still read: the answer to a Put is sent if it comes soon.
constexpr std::chrono::milliseconds kLeavingTime{1000};

constexpr std::string_view kOutOfMemoryAnswer =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: 72\r\n"
    "Retry-After: 1\r\nConnection: close\r\n\r\n"
    R"({"error":{"code":"unavailable","message":"the server is out of memory"}})";

// Whether the other side has closed the connection, or its own half of it.
short LeavingEvents(int descriptor) {
  pollfd watched{descriptor, POLLRDHUP, 0};
  return ::poll(&watched, 1, 0) > 0 ? watched.revents : short{0};
}

double Seconds(Connection::Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

void Later::Finish(Fill fill) const {
  if (const auto connection = connection_.lock()) {
    connection->PostFinish(exchange_, std::move(fill));
  }
}

void Later::Continue(Fill step) const {
  if (const auto connection = connection_.lock()) {
    connection->PostContinue(exchange_, std::move(step));
  }
}

Connection::Connection(ServerThread* thread, asio::ip::tcp::socket socket)
    : thread_(thread),
      socket_(std::move(socket)),
      input_memory_(&thread->memory()),
      body_memory_(&thread->memory()),
      output_memory_(&thread->memory()) {}

void Connection::Start() {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  started_ = Clock::now();
  EnterIdle(started_);
  Guarded([this] { Read(); });
}

template <typename Step>
void Connection::Guarded(Step&& step) {
  try {
    step();
  } catch (const std::bad_alloc&) {
    OnOutOfMemory();
  }
}

// Must do without allocating.
void Connection::OnOutOfMemory() {
  boost::system::error_code ignored;
  if (phase_ != Phase::kClosed && !writing_) {
    socket_.write_some(asio::buffer(kOutOfMemoryAnswer.data(), kOutOfMemoryAnswer.size()), ignored);
  }
  Close();
}

void Connection::Tick(Clock::time_point now) {
  if (phase_ == Phase::kClosed) return;
  if (phase_ == Phase::kHandling && !answered_ && !left_) OnLeft(now);
  if (phase_ == Phase::kClosed || now < deadline_) return;
  if (phase_ == Phase::kReading && !writing_) {
    return Guarded([this] {
      Refuse(is_guest ? Refusal::kTooManyConnections : Refusal::kTimeout);
      Flush();
    });
  }
  if (phase_ == Phase::kHandling && !answered_ && !left_) return Guarded([this] { Expire(); });
  if (is_guest && is_idle()) return TurnAway();
  Close();
}

// Looks whether the client has left while its answer is deferred: nothing is read meanwhile.
void Connection::OnLeft(Clock::time_point now) {
  const short events = LeavingEvents(socket_.native_handle());
  if (events == 0) return;
  left_ = true;
  if (give_up_ || (events & (POLLERR | POLLHUP)) != 0) return Close();
  deadline_ = std::min(deadline_, now + kLeavingTime);
}

void Connection::Expire() {
  ++exchange_;  // an answer that still comes belongs to no exchange
  Abandon();
  response_.Clear();
  thread_->handler().Expire(request_, &response_);
  answered_ = true;
  if (writing_) return;
  AppendAnswer();
  Flush();
}

void Connection::Abandon() {
  if (const auto give_up = std::exchange(give_up_, nullptr)) give_up();
}

void Connection::Stop() {
  stopping_ = true;
  if (is_idle()) Close();
}

void Connection::TurnAway() {
  if (phase_ == Phase::kIdle || phase_ == Phase::kReading) {
    Guarded([this] {
      Refuse(Refusal::kTooManyConnections);
      Flush();
    });
  }
  Close();
}

void Connection::Close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  Abandon();
  boost::system::error_code ignored;
  socket_.close(ignored);
  thread_->Remove(this);
}

void Connection::EnterIdle(Clock::time_point now) {
  phase_ = Phase::kIdle;
  deadline_ = now + (is_guest ? kGuestTime : thread_->options().idle_timeout);
}

void Connection::SetDeadline(std::chrono::milliseconds from_now) {
  deadline_ = Clock::now() + from_now;
}

// Small between requests; large within a long body, while the budget has room for that.
std::size_t Connection::WantedInput(std::size_t pending) {
  const std::size_t header = thread_->options().maximum_header_bytes + 4096u;
  const std::size_t large = std::max(kLargeInput, header);
  const bool reads_body = parser_ && parser_->is_header_done();
  if (reads_body && input_memory_.TryHold(large)) return large;
  input_memory_.Release();
  return pending < kSmallInput ? kSmallInput : header;
}

// Moves what is unparsed to the front and gives the buffer the size that the request's state asks
// for.
void Connection::MakeRoom() {
  const std::size_t pending = in_end_ - in_begin_;
  const std::size_t wanted = WantedInput(pending);
  if (wanted != in_capacity_) {
    std::unique_ptr<char[]> room(new char[wanted]);
    if (pending > 0) std::memcpy(room.get(), in_.get() + in_begin_, pending);
    in_ = std::move(room);
    in_capacity_ = wanted;
  } else if (in_begin_ > 0 && pending > 0) {
    std::memmove(in_.get(), in_.get() + in_begin_, pending);
  }
  in_begin_ = 0;
  in_end_ = pending;
}

void Connection::Read() {
  MakeRoom();
  socket_.async_read_some(
      asio::buffer(in_.get() + in_end_, in_capacity_ - in_end_),
      [self = shared_from_this()](boost::system::error_code error, std::size_t size) {
        self->OnRead(error, size);
      });
}

void Connection::OnRead(boost::system::error_code error, std::size_t size) {
  // Refused while this read was under way: the draining read stands behind it.
  if (phase_ == Phase::kClosed || phase_ == Phase::kDraining) return;
  if (error) return Close();
  in_end_ += size;
  Guarded([this] { Process(); });
}

// Parses and answers requests until the input is used up, an answer is deferred, it is time to
// write, or the turn is over.
void Connection::Process() {
  std::optional<Clock::time_point> turn_end;
  while (in_begin_ < in_end_ && out_.size() < kFlushBytes) {
    if (!ParseSome()) break;
    if (!turn_end) turn_end = started_ + kTurn;
    Dispatch();
    if (deferred_ || close_after_flush_ || answered_at_ >= *turn_end) break;
  }
  if (phase_ == Phase::kClosed) return;
  Flush();
}

// Goes on with what has been read once the thread's other connections have had their turn.
void Connection::YieldTurn() {
  turn_pending_ = true;
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->turn_pending_ = false;
    if (self->phase_ != Phase::kClosed) self->Guarded([&self] { self->Process(); });
  });
}

// Feeds the parser. True when a request is whole; false when more input is needed or the request
// was refused.
bool Connection::ParseSome() {
  if (!parser_) {
    phase_ = Phase::kReading;
    started_ = Clock::now();
    if (!is_guest) deadline_ = started_ + thread_->options().request_timeout;
    parser_.emplace(&request_, &body_memory_, thread_->options().maximum_header_bytes,
                    thread_->options().maximum_body_bytes);
  }
  boost::beast::error_code error;
  in_begin_ += parser_->put(asio::const_buffer(in_.get() + in_begin_, in_end_ - in_begin_), error);
  if (error && error != boost::beast::http::error::need_more) {
    Refuse(parser_->RefusalOf(error));
    return false;
  }
  // The parser takes a body as it comes: what is left is one chunk's extensions, or trailers.
  if (parser_->is_header_done() && !parser_->is_done() &&
      in_end_ - in_begin_ > thread_->options().maximum_header_bytes) {
    Refuse(Refusal::kHeaderTooLarge);
    return false;
  }
  if (is_guest && parser_->is_header_done() && IsRefusedGuest()) {
    Refuse(Refusal::kTooManyConnections);
    return false;
  }
  if (parser_->TakeExpectContinue()) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  return parser_->is_done();
}

void Connection::Dispatch() {
  parser_.reset();
  ++exchange_;
  deferred_ = false;
  answered_ = false;
  left_ = false;
  response_.Clear();
  phase_ = Phase::kHandling;
  Handle();
  if (!deferred_) AppendAnswer();
}

void Connection::Handle() {
  try {
    thread_->handler().Handle(*this);
  } catch (const std::bad_alloc&) {
    ++exchange_;  // a deferred answer that still comes belongs to no exchange
    Abandon();
    deferred_ = false;
    response_.Clear();
    thread_->handler().Refuse(Refusal::kOutOfMemory, request_, &response_);
  }
}

// A health check has no body, so that a guest brings nothing that takes memory.
bool Connection::IsRefusedGuest() const {
  return !parser_->is_done() || !thread_->handler().IsHealthCheck(request_);
}

Later Connection::Defer(std::chrono::milliseconds timeout) {
  deferred_ = true;
  defer_timeout_ = timeout;
  SetDeadline(timeout);
  return {weak_from_this(), exchange_};
}

void Connection::PostFinish(std::uint64_t exchange, Later::Fill fill) {
  asio::post(socket_.get_executor(), [self = shared_from_this(), exchange, fill = std::move(fill)] {
    self->Finish(exchange, fill);
  });
}

void Connection::PostContinue(std::uint64_t exchange, Later::Fill step) {
  asio::post(socket_.get_executor(), [self = shared_from_this(), exchange, step = std::move(step)] {
    self->Continue(exchange, step);
  });
}

// False once the exchange was answered, expired, or its connection closed.
bool Connection::Awaits(std::uint64_t exchange) const {
  return phase_ == Phase::kHandling && exchange == exchange_ && !answered_;
}

void Connection::Continue(std::uint64_t exchange, const Later::Fill& step) {
  if (!Awaits(exchange)) return;
  SetDeadline(left_ ? std::min(defer_timeout_, kLeavingTime) : defer_timeout_);
  Guarded([&] { step(request_, &response_); });
}

void Connection::Finish(std::uint64_t exchange, const Later::Fill& fill) {
  if (!Awaits(exchange)) return;
  give_up_ = nullptr;
  Guarded([&] {
    fill(request_, &response_);
    answered_ = true;
    if (writing_) return;
    AppendAnswer();
    Flush();
  });
}

// Puts the answer at the end of the output; the exchange is over.
void Connection::AppendAnswer() {
  deferred_ = false;
  answered_ = false;
  const bool keep_alive = request_.keep_alive && !response_.close && !stopping_ && !is_guest;
  const Clock::time_point now = Clock::now();
  thread_->handler().Answered(request_, response_, Seconds(now - started_));
  AppendResponse(request_, response_, thread_->date(), keep_alive, &out_);
  request_.ClearBody();
  response_.ClearBody();
  body_memory_.Release();
  if (!keep_alive) close_after_flush_ = true;
  answered_at_ = now;
  EnterIdle(now);
}

// Answers for the server itself; nothing more is read as a request on this connection.
void Connection::Refuse(Refusal refusal) {
  parser_.reset();
  response_.Clear();
  thread_->handler().Refuse(refusal, request_, &response_);
  request_.keep_alive = false;
  // A client that is still sending would lose the answer if the connection were closed under it.
  drain_after_flush_ = true;
  AppendAnswer();
}

void Connection::Flush() {
  if (writing_) return;
  if (written_ < out_.size()) {
    boost::system::error_code error;
    written_ += socket_.write_some(asio::buffer(out_) + written_, error);
    if (error && error != asio::error::would_block) return Close();
    if (written_ < out_.size()) return WriteRest();
  }
  AfterFlush();
}

// Waits for a client that reads slowly. One for whose answers the budget has no room is cut off.
void Connection::WriteRest() {
  if (out_.capacity() > kKeptOutput && !output_memory_.TryHold(out_.capacity())) return Close();
  writing_ = true;
  if (phase_ == Phase::kIdle) SetDeadline(thread_->options().idle_timeout);
  asio::async_write(
      socket_, asio::buffer(out_) + written_,
      [self = shared_from_this()](boost::system::error_code failed, std::size_t size) {
        self->OnWritten(failed, size);
      });
}

void Connection::OnWritten(boost::system::error_code error, std::size_t) {
  writing_ = false;
  if (phase_ == Phase::kClosed) return;
  if (error) return Close();
  Guarded([this] { AfterFlush(); });
}

// The output is out: goes on with whatever is next.
void Connection::AfterFlush() {
  out_.clear();
  written_ = 0;
  if (out_.capacity() > kKeptOutput) out_.shrink_to_fit();
  output_memory_.Release();
  if (deferred_) {
    if (!answered_) return;
    AppendAnswer();
    return Flush();
  }
  if (close_after_flush_) return drain_after_flush_ || in_begin_ < in_end_ ? Drain() : Close();
  if (in_begin_ < in_end_ && !parser_) return YieldTurn();
  if (stopping_ && phase_ == Phase::kIdle) return Close();
  Read();
}

void Connection::Drain() {
  const ServerOptions& options = thread_->options();
  if (phase_ != Phase::kDraining) {
    phase_ = Phase::kDraining;
    SetDeadline(options.request_timeout);
    boost::system::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  }
  if (drained_ > options.maximum_drained_bytes) return Close();
  socket_.async_read_some(thread_->waste(), [self = shared_from_this()](
                                                boost::system::error_code error, std::size_t size) {
    self->OnDrained(error, size);
  });
}

void Connection::OnDrained(boost::system::error_code error, std::size_t size) {
  if (phase_ == Phase::kClosed) return;
  if (error) return Close();
  drained_ += size;
  Drain();
}

}  // namespace freshet::daemon::http
