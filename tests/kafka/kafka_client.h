// What the parts of kafka_tool share: a librdkafka client with its properties, and how to give up.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

namespace freshet::kafka_test {

// How long an operation on a broker that is there may take.
inline constexpr int kTimeoutMs = 60'000;

using Properties = std::vector<std::pair<std::string, std::string>>;

struct DestroyClient {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
};
using Client = std::unique_ptr<rd_kafka_t, DestroyClient>;

struct DestroyQueue {
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
using Queue = std::unique_ptr<rd_kafka_queue_t, DestroyQueue>;

struct DestroyPartitions {
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyPartitions>;

// Says what is wrong on stderr and ends the process with 1.
[[noreturn]] void Fail(const std::string& what);

// Fails unless `error` is none.
void Check(rd_kafka_resp_err_t error, std::string_view what);

// Takes over `error`; fails unless it is none.
void Check(rd_kafka_error_t* error, std::string_view what);

// `delivered` is called with `opaque` for each message of a producer; a later property goes before
// an earlier one.
using Delivered = void (*)(rd_kafka_t*, const rd_kafka_message_t*, void* opaque);
Client MakeClient(rd_kafka_type_t type, const Properties& properties, Delivered delivered = nullptr,
                  void* opaque = nullptr);

// Topic and number of its partitions, of all topics that are not Kafka's own, sorted by name.
std::vector<std::pair<std::string, int>> Topics(rd_kafka_t* client);

// Number of partitions; fails when the topic is not there.
int PartitionCount(rd_kafka_t* client, const std::string& topic);

// All partitions of `topics`, each at `offset`.
Partitions AllPartitions(rd_kafka_t* client, const std::vector<std::string>& topics,
                         std::int64_t offset);

}  // namespace freshet::kafka_test
