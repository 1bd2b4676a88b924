// MockCluster: librdkafka's own broker in memory, on loopback, for the paths on which something
// goes wrong. Real brokers are for the tests in tests/kafka.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "config/settings.h"
#include "daemon/kafka/handles.h"

namespace freshet::daemon::kafka {

inline constexpr std::chrono::seconds kPatience{60};

// Waits until `reached`, failing the test after kPatience.
inline void WaitFor(const std::function<bool()>& reached) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!reached()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::yield();
  }
}

class MockCluster {
 public:
  MockCluster() {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, nullptr);
    std::array<char, 256> words{};
    host_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, words.data(), words.size()));
    cluster_.reset(rd_kafka_mock_cluster_new(host_.get(), 1));
  }

  [[nodiscard]] std::string brokers() const {
    return rd_kafka_mock_cluster_bootstraps(cluster_.get());
  }
  rd_kafka_mock_cluster_t* get() { return cluster_.get(); }

  void MakeTopic(const std::string& name, int partitions) {
    ASSERT_EQ(rd_kafka_mock_topic_create(cluster_.get(), name.c_str(), partitions, 1),
              RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  void Down() { rd_kafka_mock_broker_set_down(cluster_.get(), 1); }
  void Up() { rd_kafka_mock_broker_set_up(cluster_.get(), 1); }

  // Writes a message as a foreign producer would; null pointers are no key and no value.
  void Write(const std::string& topic, std::int32_t partition, const char* key, const char* value) {
    Write(topic, partition, key, value, value == nullptr ? 0 : std::string_view(value).size());
  }
  void Write(const std::string& topic, std::int32_t partition, const char* key, const char* value,
             std::size_t size) {
    if (producer_ == nullptr) MakeProducer();
    ASSERT_EQ(rd_kafka_producev(
                  producer_.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
                  RD_KAFKA_V_KEY(key, (key == nullptr ? 0 : std::string_view(key).size())),
                  RD_KAFKA_V_VALUE(const_cast<char*>(value), size),
                  RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    ASSERT_EQ(rd_kafka_flush(producer_.get(), 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  }

 private:
  void MakeProducer() {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    std::array<char, 256> words{};
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers().c_str(), words.data(), words.size());
    rd_kafka_conf_set(conf, "linger.ms", "0", words.data(), words.size());
    producer_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, words.data(), words.size()));
  }

  Client host_;
  std::unique_ptr<rd_kafka_mock_cluster_t, Freed<rd_kafka_mock_cluster_destroy>> cluster_;
  Client producer_;
};

}  // namespace freshet::daemon::kafka
