// kafka_effect_probe: how long a message takes from a plain Kafka producer to its effect in another
// user's answer, while events arrive beside it. Reports as one line of JSON.
//
//   kafka_effect_probe --brokers HOST:PORT --topic T --port P [--probes 500]
//                      [--events-per-second 5000]
//
// Each probe uses items and users of its own: somebody who touched C touches N; the time runs from
// producing that until N is among C's similar items for everyone. The probe's producer sends at
// once (linger.ms = 0, the default of Java's producer); the one of the background gathers for 5 ms,
// the default of librdkafka's.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <CLI/CLI.hpp>
#include <librdkafka/rdkafka.h>

#include "tests/bench/http_exchange.h"
#include "tests/bench/latencies.h"

namespace freshet::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Answers are looked at this often: the resolution of what is measured.
constexpr auto kLookAgain = std::chrono::microseconds(200);

struct Options {
  std::string brokers;
  std::string topic;
  std::string address = "127.0.0.1";
  int port = 0;
  int probes = 500;
  int events_per_second = 5000;
};

double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "kafka_effect_probe: %s\n", what.c_str());
  std::exit(1);
}

class Producer {
 public:
  Producer(const Options& options, const char* linger_ms) : topic_(options.topic) {
    std::array<char, 512> reason{};
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    for (const auto& [name, value] :
         {std::pair<const char*, const char*>{"bootstrap.servers", options.brokers.c_str()},
          {"linger.ms", linger_ms},
          {"acks", "all"}}) {
      if (rd_kafka_conf_set(conf, name, value, reason.data(), reason.size()) != RD_KAFKA_CONF_OK) {
        Fail(reason.data());
      }
    }
    client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason.data(), reason.size()));
    if (!client_) Fail(reason.data());
  }

  void Send(const std::string& user, const std::string& item) {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now().time_since_epoch());
    std::string value = "{\"userId\":\"" + user + "\",\"itemId\":\"" + item +
                        "\",\"eventType\":\"view\",\"sentAt\":" + std::to_string(now.count()) + "}";
    while (rd_kafka_producev(client_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()),
                             RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                             RD_KAFKA_V_KEY(user.data(), user.size()),
                             RD_KAFKA_V_VALUE(value.data(), value.size()),
                             RD_KAFKA_V_END) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      rd_kafka_poll(client_.get(), 1);
    }
    rd_kafka_poll(client_.get(), 0);
  }

 private:
  struct Destroy {
    void operator()(rd_kafka_t* client) const {
      rd_kafka_flush(client, 10'000);
      rd_kafka_destroy(client);
    }
  };
  std::string topic_;
  std::unique_ptr<rd_kafka_t, Destroy> client_;
};

// Produces events until told to stop: every 5 ms its share of them.
class Background {
 public:
  explicit Background(const Options& options)
      : options_(options), producer_(options, "5"), thread_([this] { Run(); }) {}

  std::size_t Stop() {
    stop_ = true;
    thread_.join();
    return sent_;
  }

 private:
  void Run() {
    constexpr auto kEvery = std::chrono::milliseconds(5);
    const auto share = static_cast<std::size_t>(options_.events_per_second / 200);
    Clock::time_point due = Clock::now();
    for (; !stop_ && share > 0; due += kEvery) {
      std::this_thread::sleep_until(due);
      for (std::size_t i = 0; i < share; ++i, ++sent_) {
        // A multiplicative walk spreads users and items without a random generator.
        const std::size_t mixed = sent_ * 2654435761U;
        producer_.Send("bg-u" + std::to_string(mixed % 20'000),
                       "bg-i" + std::to_string((mixed >> 7) % 5'000));
      }
    }
  }

  const Options& options_;
  Producer producer_;
  std::atomic<bool> stop_{false};
  std::size_t sent_ = 0;
  std::thread thread_;
};

class Probe {
 public:
  explicit Probe(const Options& options)
      : options_(options), producer_(options, "0"), exchange_(options.address, options.port) {}

  void Run() {
    for (int i = 0; i < options_.probes; ++i) {
      const std::string tag = std::to_string(Clock::now().time_since_epoch().count());
      ProduceUntil("z" + tag, "c" + tag, "/v1/items/c" + tag, "\"itemId\"");
      const double seconds = ProduceUntil(
          "z" + tag, "n" + tag, "/v1/items/c" + tag + "/similar?n=20", "\"n" + tag + "\"");
      latencies_.Add(seconds);
    }
  }

  void Report(double seconds, std::size_t background) {
    std::printf(
        "{\"background_per_second\": %.0f, \"probes\": %zu, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
        "\"max_ms\": %.3f}\n",
        static_cast<double>(background) / seconds, latencies_.size(), latencies_.Milliseconds(0.5),
        latencies_.Milliseconds(0.99), latencies_.Milliseconds(1.0));
  }

 private:
  double ProduceUntil(const std::string& user, const std::string& item, const std::string& path,
                      const std::string& shown) {
    const std::string get = MakeRequest("GET", path, "");
    const Clock::time_point start = Clock::now();
    producer_.Send(user, item);
    while (exchange_.Call(get).find(shown) == std::string_view::npos) {
      if (Since(start) > 30) Fail("a message had no effect within 30 s");
      std::this_thread::sleep_for(kLookAgain);
    }
    return Since(start);
  }

  const Options& options_;
  Producer producer_;
  HttpExchange exchange_;
  Latencies latencies_;
};

}  // namespace
}  // namespace freshet::bench

int main(int argc, char** argv) {
  freshet::bench::Options options;
  CLI::App app("Measures the time from a Kafka producer to an effect over HTTP.");
  app.add_option("--brokers", options.brokers)->required();
  app.add_option("--topic", options.topic)->required();
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
