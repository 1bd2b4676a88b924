// Connection: one client's TCP connection: reads requests, has them answered in order, writes the
// answers.
//
// Owned by its ServerThread until it closes, and by the operations under way; lives on that thread
// alone, except that Later may post to it from any other. Requests that arrive together
// (pipelining) are answered one after the other, a short turn's at a time: then the thread's other
// connections have theirs. The answers of a turn leave in one write. Deadlines are kept by the
// thread's regular Tick, so a request costs no timer; it also sees when a client leaves before its
// deferred answer. An allocation that fails costs the request that needed it, or its connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "daemon/http/handler.h"
#include "daemon/http/memory_budget.h"
#include "daemon/http/request_parser.h"

namespace freshet::daemon::http {

class ServerThread;

class Connection final : public std::enable_shared_from_this<Connection>, private Exchange {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(ServerThread* thread, boost::asio::ip::tcp::socket socket);

  void Start();
  // Acts on a deadline that has passed.
  void Tick(Clock::time_point now);
  // Closes once no request is under way.
  void Stop();
  // Tells a guest that there are too many connections, if it can be told at once, and closes.
  void TurnAway();
  // Whether nothing of a request has come, and since when about.
  [[nodiscard]] bool is_idle() const {
    return phase_ == Phase::kIdle && !writing_ && !turn_pending_;
  }
  [[nodiscard]] Clock::time_point deadline() const { return deadline_; }
  void Close();

  // From any thread; see Later.
  void PostFinish(std::uint64_t exchange, Later::Fill fill);
  void PostContinue(std::uint64_t exchange, Later::Fill step);

  // The thread's own note of where it keeps this connection.
  std::size_t index = 0;
  // A connection beyond the limit: it has a second for one health check, anything else is refused.
  bool is_guest = false;

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
  void WhenAbandoned(std::function<void()> give_up) override { give_up_ = std::move(give_up); }

  void Read();
  void OnRead(boost::system::error_code error, std::size_t size);
  void Process();
  void YieldTurn();
  bool ParseSome();
  void Dispatch();
  void Handle();
  [[nodiscard]] bool IsRefusedGuest() const;
  void OnLeft(Clock::time_point now);
  void Expire();
  void Abandon();
  template <typename Step>
  void Guarded(Step&& step);
  void OnOutOfMemory();
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
  std::size_t WantedInput(std::size_t pending);
  void MakeRoom();
  void WriteRest();
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
  bool left_ = false;           // the client closed its side while an answer was deferred
  bool turn_pending_ = false;   // what has been read is processed in the connection's next turn
  std::uint64_t exchange_ = 0;  // number of the exchange under way

  std::chrono::milliseconds defer_timeout_{0};
  std::function<void()> give_up_;  // see WhenAbandoned
  Clock::time_point deadline_;
  Clock::time_point started_;      // first byte of the request under way
  Clock::time_point answered_at_;  // the last answer

  // Of what may grow with what a client sends or does not read. Before what holds the memory.
  MemoryBudget::Share input_memory_;
  MemoryBudget::Share body_memory_;
  MemoryBudget::Share output_memory_;

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
