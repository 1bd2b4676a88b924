#include "tests/kafka/kafka_admin.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <functional>
#include <thread>

#include <boost/json.hpp>

namespace freshet::kafka_test {
namespace {

constexpr auto kLookAgain = std::chrono::milliseconds(20);

struct DestroyEvent {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};
using Event = std::unique_ptr<rd_kafka_event_t, DestroyEvent>;

Client MakeAdmin(const Properties& properties) { return MakeClient(RD_KAFKA_PRODUCER, properties); }

// Starts an operation that answers to the queue, and waits for the answer.
Event Ask(rd_kafka_t* client, const std::function<void(rd_kafka_queue_t*)>& start) {
  const Queue queue(rd_kafka_queue_new(client));
  start(queue.get());
  Event event(rd_kafka_queue_poll(queue.get(), kTimeoutMs));
  if (!event) Fail("the broker did not answer");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    Fail(rd_kafka_event_error_string(event.get()));
  }
  return event;
}

void CheckTopics(const rd_kafka_topic_result_t** results, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (rd_kafka_topic_result_error(results[i]) == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const char* text = rd_kafka_topic_result_error_string(results[i]);
    Fail(std::string(rd_kafka_topic_result_name(results[i])) + ": " +
         (text != nullptr ? text : rd_kafka_err2str(rd_kafka_topic_result_error(results[i]))));
  }
}

void WaitUntil(const std::function<bool()>& condition, const std::string& what, int seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) {
      Fail("after " + std::to_string(seconds) + " s still not: " + what);
    }
    std::this_thread::sleep_for(kLookAgain);
  }
}

// Partitions of the topic that have a leader; 0 when the topic is not there.
int Led(rd_kafka_t* client, const std::string& topic) {
  const rd_kafka_metadata_t* metadata = nullptr;
  Check(rd_kafka_metadata(client, 1, nullptr, &metadata, kTimeoutMs), "metadata");
  int led = 0;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    if (topic != metadata->topics[i].topic) continue;
    for (int j = 0; j < metadata->topics[i].partition_cnt; ++j) {
      if (metadata->topics[i].partitions[j].leader >= 0) ++led;
    }
  }
  rd_kafka_metadata_destroy(metadata);
  return led;
}

void Print(const boost::json::object& object) {
  std::printf("%s\n", boost::json::serialize(object).c_str());
}

}  // namespace

void WaitReady(const Properties& properties, int seconds) {
  const Client client = MakeAdmin(properties);
  WaitUntil(
      [&] {
        const rd_kafka_metadata_t* metadata = nullptr;
        if (rd_kafka_metadata(client.get(), 1, nullptr, &metadata, 1000) !=
            RD_KAFKA_RESP_ERR_NO_ERROR) {
          return false;
        }
        const bool ready = metadata->broker_cnt > 0;
        rd_kafka_metadata_destroy(metadata);
        return ready;
      },
      "a broker answers", seconds);
}

void CreateTopic(const Properties& properties, const std::string& topic, int partitions,
                 const Properties& config) {
  const Client client = MakeAdmin(properties);
  std::array<char, 512> reason{};
  rd_kafka_NewTopic_t* wanted =
      rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, reason.data(), reason.size());
  if (wanted == nullptr) Fail(reason.data());
  for (const auto& [name, value] : config) {
    Check(rd_kafka_NewTopic_set_config(wanted, name.c_str(), value.c_str()), name);
  }
  const Event event = Ask(client.get(), [&](rd_kafka_queue_t* queue) {
    rd_kafka_CreateTopics(client.get(), &wanted, 1, nullptr, queue);
  });
  rd_kafka_NewTopic_destroy(wanted);
  std::size_t count = 0;
  const auto* result = rd_kafka_event_CreateTopics_result(event.get());
  const rd_kafka_topic_result_t** topics = rd_kafka_CreateTopics_result_topics(result, &count);
  CheckTopics(topics, count);
  WaitUntil([&] { return Led(client.get(), topic) == partitions; }, topic + " has leaders", 60);
}

void DeleteTopic(const Properties& properties, const std::string& topic) {
  const Client client = MakeAdmin(properties);
  rd_kafka_DeleteTopic_t* unwanted = rd_kafka_DeleteTopic_new(topic.c_str());
  const Event event = Ask(client.get(), [&](rd_kafka_queue_t* queue) {
    rd_kafka_DeleteTopics(client.get(), &unwanted, 1, nullptr, queue);
  });
  rd_kafka_DeleteTopic_destroy(unwanted);
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DeleteTopics_result(event.get());
  const rd_kafka_topic_result_t** topics = rd_kafka_DeleteTopics_result_topics(result, &count);
  CheckTopics(topics, count);
  WaitUntil([&] { return Led(client.get(), topic) == 0; }, topic + " is gone", 60);
}

void AddPartitions(const Properties& properties, const std::string& topic, int partitions) {
  const Client client = MakeAdmin(properties);
  std::array<char, 512> reason{};
  rd_kafka_NewPartitions_t* wanted = rd_kafka_NewPartitions_new(
      topic.c_str(), static_cast<std::size_t>(partitions), reason.data(), reason.size());
  if (wanted == nullptr) Fail(reason.data());
  const Event event = Ask(client.get(), [&](rd_kafka_queue_t* queue) {
    rd_kafka_CreatePartitions(client.get(), &wanted, 1, nullptr, queue);
  });
  rd_kafka_NewPartitions_destroy(wanted);
  std::size_t count = 0;
  const auto* result = rd_kafka_event_CreatePartitions_result(event.get());
  const rd_kafka_topic_result_t** topics = rd_kafka_CreatePartitions_result_topics(result, &count);
  CheckTopics(topics, count);
  WaitUntil([&] { return Led(client.get(), topic) == partitions; }, topic + " has leaders", 60);
}

void DeleteRecords(const Properties& properties, const std::string& topic, int partition,
                   std::int64_t offset) {
  const Client client = MakeAdmin(properties);
  const Partitions before(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(before.get(), topic.c_str(), partition)->offset = offset;
  rd_kafka_DeleteRecords_t* records = rd_kafka_DeleteRecords_new(before.get());
  const Event event = Ask(client.get(), [&](rd_kafka_queue_t* queue) {
    rd_kafka_DeleteRecords(client.get(), &records, 1, nullptr, queue);
  });
  rd_kafka_DeleteRecords_destroy(records);
  const rd_kafka_topic_partition_list_t* done =
      rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()));
  for (int i = 0; i < done->cnt; ++i) Check(done->elems[i].err, topic);
}

void PrintTopics(const Properties& properties) {
  const Client client = MakeAdmin(properties);
  boost::json::object shown;
  for (const auto& [name, count] : Topics(client.get())) shown[name] = count;
  Print(shown);
}

void PrintEnds(const Properties& properties, const std::string& topic) {
  const Client client = MakeAdmin(properties);
  boost::json::object shown;
  const int count = PartitionCount(client.get(), topic);
  for (int partition = 0; partition < count; ++partition) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    Check(rd_kafka_query_watermark_offsets(client.get(), topic.c_str(), partition, &low, &high,
                                           kTimeoutMs),
          topic);
    shown[std::to_string(partition)] = boost::json::array{low, high};
  }
  Print(shown);
}

void PrintGroup(const Properties& properties, const std::string& group,
                const std::vector<std::string>& topics) {
  Properties of_group = properties;
  of_group.emplace_back("group.id", group);
  const Client client = MakeClient(RD_KAFKA_CONSUMER, of_group);
  const Partitions all = AllPartitions(client.get(), topics, RD_KAFKA_OFFSET_INVALID);
  Check(rd_kafka_committed(client.get(), all.get(), kTimeoutMs), group);
  boost::json::object shown;
  for (const std::string& topic : topics) shown[topic] = boost::json::object();
  for (int i = 0; i < all->cnt; ++i) {
    const rd_kafka_topic_partition_t& one = all->elems[i];
    Check(one.err, one.topic);
    if (one.offset < 0) continue;
    shown[one.topic].as_object()[std::to_string(one.partition)] = one.offset;
  }
  Print(shown);
}

}  // namespace freshet::kafka_test
