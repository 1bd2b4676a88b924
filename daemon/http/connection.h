// Connection: one client's TCP connection: reads requests, has them answered in order, writes the
// answers.
//
// Owned by its ServerThread until it closes, and by the operations under way; lives on that thread
// alone, except that Later may post to it from any other. Requests that arrive together
// (pipelining) are answered one after the other, their answers leave in one write. Deadlines are
// kept by the thread's regular Tick, so a request costs no timer.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "daemon/http/handler.h"
#include "daemon/http/request_parser.h"

namespace freshet::daemon::http {

class ServerThread;

class Connection final : public std::enable_shared_from_this<Connection>, private Exchange {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(ServerThread* thread, boost::asio::ip::tcp::socket socket);

  void Start();
  // Answers kTooManyConnections to whatever comes, and closes.
  void StartRefusing();
  // Acts on a deadline that has passed.
  void Tick(Clock::time_point now);
  // Closes once no request is under way.
  void Stop();
  void Close();

  // From any thread; see Later.
  void PostFinish(std::uint64_t exchange, Later::Fill fill);
  void PostContinue(std::uint64_t exchange, Later::Fill step);

  // The thread's own note of where it keeps this connection.
  std::size_t index = 0;
  // True when it counts towards the limit of connections.
  bool counted = true;

 private:
  enum class Phase {
    kIdle,      // nothing of a request has come
    kReading,   // part of a request has come
    kHandling,  // the answer was deferred
    kDraining,  // the last answer is out; what the client still sends is thrown away
    kClosed,
  };

  [[nodiscard]] const Request& request() const override { return request_; }
  [[nodiscard]] Response& response() override { return response_; }
  Later Defer(std::chrono::milliseconds timeout) override;

  void Read();
  void OnRead(boost::system::error_code error, std::size_t size);
  void Process();
  bool ParseSome();
  void Dispatch();
  void Finish(std::uint64_t exchange, const Later::Fill& fill);
  void Continue(std::uint64_t exchange, const Later::Fill& step);
  [[nodiscard]] bool Awaits(std::uint64_t exchange) const;
  void AppendAnswer();
  void Refuse(Refusal refusal);
  void Flush();
  void OnWritten(boost::system::error_code error, std::size_t size);
  void AfterFlush();
  void Drain();
  void OnDrained(boost::system::error_code error, std::size_t size);
  void EnterIdle(Clock::time_point now);
  void MakeRoom();
  void SetDeadline(std::chrono::milliseconds from_now);

  ServerThread* thread_;
  boost::asio::ip::tcp::socket socket_;
  Phase phase_ = Phase::kIdle;
  bool writing_ = false;   // an asynchronous write of out_ is under way
  bool answered_ = false;  // a deferred answer came while writing
  bool close_after_flush_ = false;
  bool drain_after_flush_ = false;
  bool deferred_ = false;
  bool stopping_ = false;
  std::uint64_t exchange_ = 0;  // number of the exchange under way

  std::chrono::milliseconds defer_timeout_{0};
  Clock::time_point deadline_;
  Clock::time_point started_;  // first byte of the request under way

  std::unique_ptr<char[]> in_;
  std::size_t in_capacity_ = 0;
  std::size_t in_begin_ = 0;  // bytes read and not parsed yet: [in_begin_, in_end_)
  std::size_t in_end_ = 0;
  std::optional<RequestParser> parser_;
  Request request_;
  Response response_;
  std::string out_;
  std::size_t written_ = 0;  // of out_
  std::uint64_t drained_ = 0;
};

}  // namespace freshet::daemon::http
