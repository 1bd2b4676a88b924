// Handler: what answers requests, and what it is given to do so.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/ip/tcp.hpp>

#include "daemon/http/message.h"

namespace freshet::daemon::http {

// Why the server itself refuses a request or a connection.
enum class Refusal {
  kMalformed,           // 400
  kBadHost,             // 400: Host is missing, doubled or no host
  kAmbiguousLength,     // 400: where the body ends can be read in two ways
  kTimeout,             // 408: the request did not arrive in time
  kBodyTooLarge,        // 413
  kHeaderTooLarge,      // 431
  kUnknownCoding,       // 501: a transfer coding other than chunked
  kConnect,             // 501: this is no proxy
  kTooManyConnections,  // 503
  kOverBudget,          // 503: the bodies under way take all the memory they may
  kOutOfMemory,         // 503: an allocation failed
};

class Connection;

// Later: the right to answer a deferred exchange, once. Copyable, usable on any thread; what comes
// after the exchange's deadline is dropped. It does not keep the connection, so one that has closed
// gives its memory back however long the answer takes.
class Later {
 public:
  using Fill = std::function<void(const Request&, Response*)>;

  Later(std::weak_ptr<Connection> connection, std::uint64_t exchange)
      : connection_(std::move(connection)), exchange_(exchange) {}

  // Runs `fill` on the connection's own thread, then sends the response.
  void Finish(Fill fill) const;
  // Runs `step` there without sending, and lets the deadline start anew: for long work in slices.
  void Continue(Fill step) const;

 private:
  std::weak_ptr<Connection> connection_;
  std::uint64_t exchange_;
};

// Exchange: one request and the response to it. Valid while Handle runs; on the connection's
// thread.
class Exchange {
 public:
  virtual ~Exchange() = default;

  [[nodiscard]] virtual const Request& request() const = 0;
  [[nodiscard]] virtual Response& response() = 0;
  // Leaves the answer for later: it is not sent when Handle returns. When `timeout` passes first,
  // Handler::Expire answers.
  virtual Later Defer(std::chrono::milliseconds timeout) = 0;
  // Runs `give_up` once if nobody wants the deferred answer any more: its time has passed, or the
  // client has left. An exchange without it is finished for a client that has closed its own side
  // only, if that takes no longer than a second.
  virtual void WhenAbandoned(std::function<void()> give_up) = 0;
};

// One Handler serves the connections of one server thread and is called on it alone, so it needs no
// locks.
class Handler {
 public:
  virtual ~Handler() = default;

  // Fills exchange.response() or defers. Must not block.
  virtual void Handle(Exchange& exchange) = 0;
  // Answers an exchange whose deadline has passed.
  virtual void Expire(const Request& request, Response* response) = 0;
  // Whether the request asks how the server is: such are answered beyond the limit of connections.
  [[nodiscard]] virtual bool IsHealthCheck(const Request& request) const = 0;
  // Words a refusal of the server's. `request` holds what was read of it.
  virtual void Refuse(Refusal refusal, const Request& request, Response* response) = 0;
  // An answer is about to be sent, `seconds` after the first byte of its request.
  virtual void Answered(const Request& request, const Response& response, double seconds) = 0;
};

}  // namespace freshet::daemon::http
