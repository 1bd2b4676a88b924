// effect_probe: how long an event takes to have an effect, seen from outside: put it, then ask
// until the answer shows it. Reports as one line of JSON.
//
//   effect_probe --port P [--probes 500] [--events-per-second 10000]
//
// Each probe uses items and users of its own. Beside it a second thread sends the background events
// as NDJSON, on a schedule that does not wait for answers that are late.
//
//   own user:     somebody else touched A and B. The user touches A; B is in the user's
//   recommendations. another user: the user, who touched A before, touches N; N is among A's
//   similar items for everyone.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>

#include "tests/bench/http_exchange.h"
#include "tests/bench/latencies.h"

namespace freshet::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string address = "127.0.0.1";
  int port = 0;
  int probes = 500;
  int events_per_second = 10'000;
};

double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string EventJson(const std::string& user, const std::string& item) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
  return "{\"userId\":\"" + user + "\",\"itemId\":\"" + item +
         "\",\"eventType\":\"view\",\"sentAt\":" + std::to_string(now.count()) + "}";
}

std::string PutEventsRequest(const std::string& user, const std::string& item) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
  return MakeRequest("POST", "/events",
                     "{\"trackingId\":\"t\",\"userId\":\"" + user + "\",\"sessionId\":\"s-" + user +
                         "\",\"eventList\":[{\"eventType\":\"view\",\"itemId\":\"" + item +
                         "\",\"sentAt\":" + std::to_string(now.count()) + "}]}");
}

// Sends background events until told to stop: every 10 ms a body with its share of them.
class Background {
 public:
  explicit Background(const Options& options)
      : options_(options), exchange_(options.address, options.port), thread_([this] { Run(); }) {}

  std::size_t Stop() {
    stop_ = true;
    thread_.join();
    return sent_;
  }

 private:
  void Run() {
    constexpr auto kEvery = std::chrono::milliseconds(10);
    const auto share = static_cast<std::size_t>(options_.events_per_second / 100);
    Clock::time_point due = Clock::now();
    for (std::size_t number = 0; !stop_ && share > 0; due += kEvery) {
      std::string body;
      for (std::size_t i = 0; i < share; ++i, ++number) {
        // A multiplicative walk spreads users and items without a random generator.
        const std::size_t mixed = number * 2654435761U;
        body += EventJson("bg-u" + std::to_string(mixed % 20'000),
                          "bg-i" + std::to_string((mixed >> 7) % 5'000)) +
                "\n";
      }
      std::this_thread::sleep_until(due);
      exchange_.Call(MakeRequest("POST", "/v1/events", body, "application/x-ndjson"));
      if (exchange_.status() == 200) sent_ += share;
    }
  }

  const Options& options_;
  HttpExchange exchange_;
  std::atomic<bool> stop_{false};
  std::size_t sent_ = 0;
  std::thread thread_;
};

class Probe {
 public:
  explicit Probe(const Options& options)
      : options_(options), exchange_(options.address, options.port) {}

  void Run() {
    for (int i = 0; i < options_.probes; ++i) {
      const std::string tag = std::to_string(Clock::now().time_since_epoch().count());
      OwnUser(tag);
      AnotherUser(tag);
    }
  }

  void Report(double seconds, std::size_t background) {
    std::printf("{\"background_per_second\": %.0f, \"late\": %zu, ",
                static_cast<double>(background) / seconds, late_);
    Print("own", &own_);
    std::printf(", ");
    Print("other", &other_);
    std::printf("}\n");
  }

 private:
  static void Print(const char* name, Latencies* all) {
    std::printf("\"%s\": {\"probes\": %zu, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}",
                name, all->size(), all->Milliseconds(0.5), all->Milliseconds(0.99),
                all->Milliseconds(1.0));
  }

  void OwnUser(const std::string& tag) {
    const std::string a = "a" + tag;
    const std::string b = "b" + tag;
    exchange_.Call(PutEventsRequest("x" + tag, a));
    exchange_.Call(PutEventsRequest("x" + tag, b));
    const std::string put = PutEventsRequest("y" + tag, a);
    const std::string get = MakeRequest("GET", "/v1/recommendations?n=20&user=y" + tag, "");
    own_.Add(PutUntilShown(put, get, "\"" + b + "\""));
  }

  void AnotherUser(const std::string& tag) {
    const std::string c = "c" + tag;
    const std::string n = "n" + tag;
    exchange_.Call(PutEventsRequest("z" + tag, c));
    const std::string put = PutEventsRequest("z" + tag, n);
    const std::string get = MakeRequest("GET", "/v1/items/" + c + "/similar?n=20", "");
    other_.Add(PutUntilShown(put, get, "\"" + n + "\""));
  }

  double PutUntilShown(const std::string& put, const std::string& get, const std::string& shown) {
    const Clock::time_point start = Clock::now();
    exchange_.Call(put);
    bool first = true;
    while (exchange_.Call(get).find(shown) == std::string_view::npos) {
      if (first) ++late_;
      first = false;
      if (Since(start) > 10) {
        std::fprintf(stderr, "an event had no effect within 10 s\n");
        std::exit(1);
      }
    }
    return Since(start);
  }

  const Options& options_;
  HttpExchange exchange_;
  Latencies own_;
  Latencies other_;
  std::size_t late_ = 0;  // puts whose very next answer did not show them: must stay 0
};

}  // namespace
}  // namespace freshet::bench

int main(int argc, char** argv) {
  freshet::bench::Options options;
  CLI::App app("Measures the time from an event to its effect over HTTP.");
  app.add_option("--address", options.address);
  app.add_option("--port", options.port)->required();
  app.add_option("--probes", options.probes)->check(CLI::Range(1, 1'000'000));
  app.add_option("--events-per-second", options.events_per_second)->check(CLI::Range(0, 1'000'000));
  CLI11_PARSE(app, argc, argv);
  freshet::bench::Background background(options);
  freshet::bench::Probe probe(options);
  const auto start = freshet::bench::Clock::now();
  probe.Run();
  const double seconds = freshet::bench::Since(start);
  probe.Report(seconds, background.Stop());
  return 0;
}
