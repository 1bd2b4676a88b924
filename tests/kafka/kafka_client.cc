#include "tests/kafka/kafka_client.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace freshet::kafka_test {

void Fail(const std::string& what) {
  std::fprintf(stderr, "kafka_tool: %s\n", what.c_str());
  std::exit(1);
}

void Check(rd_kafka_resp_err_t error, std::string_view what) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) Fail(std::string(what) + ": " + rd_kafka_err2str(error));
}

void Check(rd_kafka_error_t* error, std::string_view what) {
  if (error == nullptr) return;
  const std::string text = rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
  Fail(std::string(what) + ": " + text);
}

Client MakeClient(rd_kafka_type_t type, const Properties& properties, Delivered delivered,
                  void* opaque) {
  std::array<char, 512> reason{};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [name, value] : properties) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), reason.data(), reason.size()) !=
        RD_KAFKA_CONF_OK) {
      Fail(reason.data());
    }
  }
  if (delivered != nullptr) rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  rd_kafka_conf_set_opaque(conf, opaque);
  Client client(rd_kafka_new(type, conf, reason.data(), reason.size()));
  if (!client) Fail(reason.data());
  return client;
}

std::vector<std::pair<std::string, int>> Topics(rd_kafka_t* client) {
  const rd_kafka_metadata_t* metadata = nullptr;
  Check(rd_kafka_metadata(client, 1, nullptr, &metadata, kTimeoutMs), "metadata");
  std::vector<std::pair<std::string, int>> topics;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
    if (!std::string_view(topic.topic).starts_with("__")) {
      topics.emplace_back(topic.topic, topic.partition_cnt);
    }
  }
  rd_kafka_metadata_destroy(metadata);
  std::sort(topics.begin(), topics.end());
  return topics;
}

int PartitionCount(rd_kafka_t* client, const std::string& topic) {
  for (const auto& [name, count] : Topics(client)) {
    if (name == topic) return count;
  }
  Fail("there is no topic " + topic);
}

Partitions AllPartitions(rd_kafka_t* client, const std::vector<std::string>& topics,
                         std::int64_t offset) {
  Partitions all(rd_kafka_topic_partition_list_new(8));
  for (const std::string& topic : topics) {
    const int count = PartitionCount(client, topic);
    for (int partition = 0; partition < count; ++partition) {
      rd_kafka_topic_partition_list_add(all.get(), topic.c_str(), partition)->offset = offset;
    }
  }
  return all;
}

}  // namespace freshet::kafka_test
