// http_load: sends prepared requests over keep-alive connections from one thread and reports the
// rate and the latencies as one line of JSON.
//
//   http_load --port P --requests FILE [--connections 8] [--seconds 5] [--rate R]
//
// FILE holds one request a line: METHOD TARGET [BODY]. They are sent in turn. Without --rate each
// connection sends its next request when the last is answered; with it requests fall due at that
// rate in all, and a latency counts from when its request was due, so a stalled server is not let
// off.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/bench/http_exchange.h"
#include "tests/bench/latencies.h"

namespace freshet::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string address = "127.0.0.1";
  int port = 0;
  std::string requests;
  int connections = 8;
  double seconds = 5;
  double rate = 0;
};

struct Connection {
  std::unique_ptr<HttpExchange> exchange;
  Clock::time_point due;
  bool busy = false;
};

std::vector<std::string> ReadRequests(const std::string& path) {
  std::vector<std::string> requests;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t target = line.find(' ') + 1;
    const std::size_t body = line.find(' ', target);
    requests.push_back(MakeRequest(line.substr(0, target - 1), line.substr(target, body - target),
                                   body == std::string::npos ? "" : line.substr(body + 1)));
  }
  return requests;
}

class Load {
 public:
  explicit Load(const Options& options)
      : options_(options), requests_(ReadRequests(options.requests)), epoll_(::epoll_create1(0)) {
    for (int i = 0; i < options.connections; ++i) {
      connections_.push_back(
          {std::make_unique<HttpExchange>(options.address, options.port), {}, false});
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u32 = static_cast<std::uint32_t>(i);
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_.back().exchange->socket(), &event);
      idle_.push_back(static_cast<std::size_t>(i));
    }
  }

  void Run() {
    const Clock::time_point start = Clock::now();
    const auto end = start + std::chrono::duration_cast<Clock::duration>(
                                 std::chrono::duration<double>(options_.seconds));
    next_due_ = start;
    while (Clock::now() < end) {
      SendDue();
      Collect();
    }
    seconds_ = std::chrono::duration<double>(Clock::now() - start).count();
  }

  void Report() {
    std::printf(
        "{\"answers\": %zu, \"per_second\": %.0f, \"failed\": %zu, \"bytes\": %.0f, \"p50_ms\": "
        "%.3f, "
        "\"p90_ms\": %.3f, \"p99_ms\": %.3f, \"p999_ms\": %.3f, \"max_ms\": %.3f}\n",
        latencies_.size(), static_cast<double>(latencies_.size()) / seconds_, failed_,
        static_cast<double>(bytes_) /
            static_cast<double>(std::max<std::size_t>(1, latencies_.size())),
        latencies_.Milliseconds(0.5), latencies_.Milliseconds(0.9), latencies_.Milliseconds(0.99),
        latencies_.Milliseconds(0.999), latencies_.Milliseconds(1.0));
  }

 private:
  void SendDue() {
    const Clock::time_point now = Clock::now();
    while (!idle_.empty() && (options_.rate <= 0 || next_due_ <= now)) {
      Connection& connection = connections_[idle_.front()];
      idle_.pop_front();
      connection.due = options_.rate > 0 ? next_due_ : now;
      connection.exchange->Send(requests_[next_request_++ % requests_.size()]);
      if (options_.rate > 0) {
        next_due_ += std::chrono::duration_cast<Clock::duration>(
            std::chrono::duration<double>(1.0 / options_.rate));
      }
    }
  }

  void Collect() {
    Wait();
    std::array<epoll_event, 64> events;
    const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < ready; ++i) {
      const std::size_t index = events[static_cast<std::size_t>(i)].data.u32;
      Connection& connection = connections_[index];
      if (!connection.exchange->Receive()) continue;
      latencies_.Add(std::chrono::duration<double>(Clock::now() - connection.due).count());
      bytes_ += connection.exchange->body().size();
      if (connection.exchange->status() != 200) ++failed_;
      idle_.push_back(index);
    }
  }

  // Until there is an answer, or the next request falls due. Asleep: on a small machine one who
  // looks without a pause takes the processor from the server that is measured.
  void Wait() const {
    std::chrono::nanoseconds wait = std::chrono::milliseconds(10);
    if (options_.rate > 0 && !idle_.empty()) {
      wait = std::clamp<std::chrono::nanoseconds>(next_due_ - Clock::now(), {}, wait);
    }
    const timespec timeout{0, static_cast<long>(wait.count())};
    pollfd answers{epoll_, POLLIN, 0};
    ::ppoll(&answers, 1, &timeout, nullptr);
  }

  Options options_;
  std::vector<std::string> requests_;
  int epoll_;
  std::vector<Connection> connections_;
  std::deque<std::size_t> idle_;
  std::size_t next_request_ = 0;
  Clock::time_point next_due_;
  Latencies latencies_;
  std::size_t failed_ = 0;
  std::size_t bytes_ = 0;
  double seconds_ = 0;
};

}  // namespace
}  // namespace freshet::bench

int main(int argc, char** argv) {
  freshet::bench::Options options;
  ::prctl(PR_SET_TIMERSLACK, 1);  // waits end when they should, to the microsecond
  CLI::App app("Sends prepared HTTP requests and reports rate and latencies.");
  app.add_option("--address", options.address);
  app.add_option("--port", options.port)->required();
  app.add_option("--requests", options.requests)->required()->check(CLI::ExistingFile);
  app.add_option("--connections", options.connections)->check(CLI::Range(1, 10'000));
  app.add_option("--seconds", options.seconds)->check(CLI::Range(0.1, 3600.0));
  app.add_option("--rate", options.rate);
  CLI11_PARSE(app, argc, argv);
  freshet::bench::Load load(options);
  load.Run();
  load.Report();
  return 0;
}
