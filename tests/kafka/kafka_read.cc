#include "tests/kafka/kafka_read.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <functional>

#include <boost/json.hpp>

namespace freshet::kafka_test {
namespace {

constexpr std::size_t kBatch = 1000;
// A batch that does not fill is waited for as long as this.
constexpr int kBatchWaitMs = 5;

boost::json::value Hex(const void* bytes, std::size_t size) {
  if (bytes == nullptr) return nullptr;
  constexpr std::string_view kDigits = "0123456789abcdef";
  boost::json::string text;
  text.reserve(size * 2);
  for (std::size_t i = 0; i < size; ++i) {
    const unsigned char byte = static_cast<const unsigned char*>(bytes)[i];
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

boost::json::array Headers(const rd_kafka_message_t* message) {
  boost::json::array shown;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return shown;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    shown.push_back(boost::json::array{name, Hex(value, size)});
  }
  return shown;
}

// Calls `take` for each message until every partition has come to its end.
void Read(const Properties& properties, const std::vector<std::string>& topics,
          const std::function<void(const rd_kafka_message_t*)>& take) {
  Properties settings = {{"group.id", "kafka_tool"},
                         {"enable.auto.commit", "false"},
                         {"enable.partition.eof", "true"},
                         {"auto.offset.reset", "earliest"},
                         {"isolation.level", "read_committed"}};
  settings.insert(settings.end(), properties.begin(), properties.end());
  const Client client = MakeClient(RD_KAFKA_CONSUMER, settings);
  const Partitions all = AllPartitions(client.get(), topics, RD_KAFKA_OFFSET_BEGINNING);
  Check(rd_kafka_assign(client.get(), all.get()), "assign");
  const Queue queue(rd_kafka_queue_get_consumer(client.get()));
  std::vector<rd_kafka_message_t*> messages(kBatch);
  auto last = std::chrono::steady_clock::now();
  for (int open = all->cnt; open > 0;) {
    const ssize_t count =
        rd_kafka_consume_batch_queue(queue.get(), kBatchWaitMs, messages.data(), kBatch);
    if (count > 0) last = std::chrono::steady_clock::now();
    if (std::chrono::steady_clock::now() - last > std::chrono::milliseconds(kTimeoutMs)) {
      Fail("no message came");
    }
    for (ssize_t i = 0; i < count; ++i) {
      rd_kafka_message_t* message = messages[static_cast<std::size_t>(i)];
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        take(message);
      } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        --open;
      } else if (message->err != RD_KAFKA_RESP_ERR__TRANSPORT) {
        Fail(rd_kafka_message_errstr(message));
      }
      rd_kafka_message_destroy(message);
    }
  }
  rd_kafka_consumer_close(client.get());
}

}  // namespace

void PrintMessages(const Properties& properties, const std::vector<std::string>& topics) {
  Read(properties, topics, [](const rd_kafka_message_t* message) {
    rd_kafka_timestamp_type_t kind{};
    const boost::json::object shown = {{"topic", rd_kafka_topic_name(message->rkt)},
                                       {"partition", message->partition},
                                       {"offset", message->offset},
                                       {"timestampMs", rd_kafka_message_timestamp(message, &kind)},
                                       {"keyHex", Hex(message->key, message->key_len)},
                                       {"valueHex", Hex(message->payload, message->len)},
                                       {"headers", Headers(message)}};
    std::printf("%s\n", boost::json::serialize(shown).c_str());
  });
}

void CountMessages(const Properties& properties, const std::vector<std::string>& topics) {
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  Read(properties, topics, [&](const rd_kafka_message_t* message) {
    ++messages;
    bytes += message->len;
  });
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const boost::json::object shown = {
      {"messages", messages},
      {"bytes", bytes},
      {"seconds", seconds},
      {"cpuSeconds", static_cast<double>(std::clock()) / CLOCKS_PER_SEC}};
  std::printf("%s\n", boost::json::serialize(shown).c_str());
}

}  // namespace freshet::kafka_test
