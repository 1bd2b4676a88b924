#include "daemon/http/connection.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

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
constexpr std::size_t kKeptOutput = 64 * 1024;

Refusal RefusalOf(const boost::beast::error_code& error) {
  using Why = boost::beast::http::error;
  if (error == Why::body_limit) return Refusal::kBodyTooLarge;
  if (error == Why::header_limit) return Refusal::kHeaderTooLarge;
  return Refusal::kMalformed;
}

double Seconds(Connection::Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

void Later::Finish(Fill fill) const { connection_->PostFinish(exchange_, std::move(fill)); }
void Later::Continue(Fill step) const { connection_->PostContinue(exchange_, std::move(step)); }

Connection::Connection(ServerThread* thread, asio::ip::tcp::socket socket)
    : thread_(thread), socket_(std::move(socket)) {}

void Connection::Start() {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  EnterIdle(Clock::now());
  Read();
}

void Connection::StartRefusing() {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  started_ = Clock::now();
  Refuse(Refusal::kTooManyConnections);
  Flush();
}

void Connection::Tick(Clock::time_point now) {
  if (phase_ == Phase::kClosed || now < deadline_) return;
  if (phase_ == Phase::kReading && !writing_) {
    Refuse(Refusal::kTimeout);
    return Flush();
  }
  if (phase_ == Phase::kHandling && !answered_) {
    ++exchange_;  // an answer that still comes belongs to no exchange
    response_.Clear();
    thread_->handler().Expire(request_, &response_);
    answered_ = true;
    if (!writing_) {
      AppendAnswer();
      Flush();
    }
    return;
  }
  Close();
}

void Connection::Stop() {
  stopping_ = true;
  if (phase_ == Phase::kIdle && !writing_) Close();
}

void Connection::Close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  boost::system::error_code ignored;
  socket_.close(ignored);
  thread_->Remove(this);
}

void Connection::EnterIdle(Clock::time_point now) {
  phase_ = Phase::kIdle;
  deadline_ = now + thread_->options().idle_timeout;
}

void Connection::SetDeadline(std::chrono::milliseconds from_now) {
  deadline_ = Clock::now() + from_now;
}

// Moves what is unparsed to the front and gives the buffer the size that the request's state asks
// for: small between requests, large within a long one.
void Connection::MakeRoom() {
  const std::size_t pending = in_end_ - in_begin_;
  const bool reads_body = parser_ && parser_->is_header_done();
  std::size_t wanted = kSmallInput;
  if (reads_body || pending >= kSmallInput) {
    wanted = std::max<std::size_t>(kLargeInput, thread_->options().maximum_header_bytes + 4096u);
  }
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
  Process();
}

// Parses and answers requests until the input is used up, an answer is deferred, or it is time to
// write.
void Connection::Process() {
  while (in_begin_ < in_end_ && out_.size() < kFlushBytes) {
    if (!ParseSome()) break;
    Dispatch();
    if (deferred_ || close_after_flush_) break;
  }
  if (phase_ == Phase::kClosed) return;
  Flush();
}

// Feeds the parser. True when a request is whole; false when more input is needed or the request
// was refused.
bool Connection::ParseSome() {
  if (!parser_) {
    phase_ = Phase::kReading;
    started_ = Clock::now();
    deadline_ = started_ + thread_->options().request_timeout;
    parser_.emplace(&request_, thread_->options().maximum_header_bytes,
                    thread_->options().maximum_body_bytes);
  }
  boost::beast::error_code error;
  in_begin_ += parser_->put(asio::const_buffer(in_.get() + in_begin_, in_end_ - in_begin_), error);
  if (error && error != boost::beast::http::error::need_more) {
    Refuse(RefusalOf(error));
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
  response_.Clear();
  phase_ = Phase::kHandling;
  thread_->handler().Handle(*this);
  if (!deferred_) AppendAnswer();
}

Later Connection::Defer(std::chrono::milliseconds timeout) {
  deferred_ = true;
  defer_timeout_ = timeout;
  SetDeadline(timeout);
  return {shared_from_this(), exchange_};
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
  SetDeadline(defer_timeout_);
  step(request_, &response_);
}

void Connection::Finish(std::uint64_t exchange, const Later::Fill& fill) {
  if (!Awaits(exchange)) return;
  fill(request_, &response_);
  answered_ = true;
  if (writing_) return;
  AppendAnswer();
  Flush();
}

// Puts the answer at the end of the output; the exchange is over.
void Connection::AppendAnswer() {
  deferred_ = false;
  answered_ = false;
  const bool keep_alive = request_.keep_alive && !response_.close && !stopping_;
  const Clock::time_point now = Clock::now();
  thread_->handler().Answered(request_, response_, Seconds(now - started_));
  AppendResponse(request_, response_, thread_->date(), keep_alive, &out_);
  if (!keep_alive) close_after_flush_ = true;
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
    if (written_ < out_.size()) {
      writing_ = true;
      if (phase_ == Phase::kIdle) SetDeadline(thread_->options().idle_timeout);
      asio::async_write(
          socket_, asio::buffer(out_) + written_,
          [self = shared_from_this()](boost::system::error_code failed, std::size_t size) {
            self->OnWritten(failed, size);
          });
      return;
    }
  }
  AfterFlush();
}

void Connection::OnWritten(boost::system::error_code error, std::size_t) {
  writing_ = false;
  if (phase_ == Phase::kClosed) return;
  if (error) return Close();
  AfterFlush();
}

// The output is out: goes on with whatever is next.
void Connection::AfterFlush() {
  out_.clear();
  written_ = 0;
  if (out_.capacity() > kKeptOutput) out_.shrink_to_fit();
  if (deferred_) {
    if (!answered_) return;
    AppendAnswer();
    return Flush();
  }
  if (close_after_flush_) return drain_after_flush_ || in_begin_ < in_end_ ? Drain() : Close();
  if (in_begin_ < in_end_ && !parser_) return Process();
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
