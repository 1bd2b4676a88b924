#include "daemon/kafka/cluster.h"

#include <utility>

#include "daemon/kafka/client_conf.h"

namespace freshet::daemon::kafka {
namespace {

constexpr std::chrono::milliseconds kOffsetsTimeout{10'000};
constexpr std::chrono::milliseconds kCheckTimeout{5'000};

using Metadata = std::unique_ptr<const struct rd_kafka_metadata, Freed<rd_kafka_metadata_destroy>>;

// "Broker: Unknown topic or partition" and the like, without the library's own file marks.
std::string WordsOf(rd_kafka_resp_err_t error) { return rd_kafka_err2str(error); }

}  // namespace

core::Error ErrorOf(rd_kafka_resp_err_t error, const std::string& what) {
  return core::Unavailable(what + ": " + WordsOf(error));
}

PartitionList ListOf(const Topics& topics, const core::Positions& positions) {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
  for (const auto& [number, offset] : positions) {
    const Topics::Topic* topic = topics.Find(number);
    if (topic == nullptr) continue;
    rd_kafka_topic_partition_list_add(list.get(), topic->name.c_str(), Topics::PartitionOf(number))
        ->offset = static_cast<std::int64_t>(offset);
  }
  return list;
}

core::Error Cluster::NoAnswer(rd_kafka_resp_err_t error) const {
  const std::string heard = health_.heard();
  return {core::ErrorCode::kDeadline, "log.brokers = \"" + brokers_ + "\" does not answer: " +
                                          (heard.empty() ? WordsOf(error) : heard)};
}

core::Result<std::int32_t> Cluster::PartitionCount(const std::string& name,
                                                   std::chrono::milliseconds timeout) const {
  const Topic topic(rd_kafka_topic_new(client_, name.c_str(), nullptr));
  if (topic == nullptr) return ErrorOf(rd_kafka_last_error(), "the topic " + name);
  const struct rd_kafka_metadata* answer = nullptr;
  const auto error =
      rd_kafka_metadata(client_, 0, topic.get(), &answer, static_cast<int>(timeout.count()));
  const Metadata metadata(answer);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return NoAnswer(error);
  if (metadata->topic_cnt != 1) return core::Unavailable("the topic " + name + " is not described");
  const rd_kafka_metadata_topic& found = metadata->topics[0];
  if (found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
    return core::NotFound("the topic " + name + " does not exist at " + brokers_);
  }
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) return ErrorOf(found.err, "the topic " + name);
  if (found.partition_cnt < 1) {
    return core::Unavailable("the topic " + name + " has no partitions yet");
  }
  if (found.partition_cnt > kMaximumPartitions) {
    return core::InvalidArgument("the topic " + name + " has " +
                                 std::to_string(found.partition_cnt) +
                                 " partitions, the limit is " + std::to_string(kMaximumPartitions));
  }
  return found.partition_cnt;
}

core::Result<core::Positions> Cluster::Partitions(std::chrono::milliseconds timeout) const {
  core::Positions partitions;
  for (const Topics::Topic& topic : topics_.all()) {
    const core::Result<std::int32_t> count = PartitionCount(topic.name, timeout);
    if (!count) return count.error();
    for (std::int32_t i = 0; i < *count; ++i) partitions[Topics::NumberOf(topic, i)] = 0;
  }
  return partitions;
}

core::Result<core::Positions> Cluster::Offsets(std::int64_t time, const core::Positions& of) const {
  const PartitionList list = ListOf(topics_, of);
  if (list->cnt == 0) return core::Positions();
  for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = time;
  const auto error =
      rd_kafka_offsets_for_times(client_, list.get(), static_cast<int>(kOffsetsTimeout.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return NoAnswer(error);
  core::Positions offsets;
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& one = list->elems[i];
    if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return ErrorOf(one.err, std::string("the offsets of ") + one.topic + "/" +
                                  std::to_string(one.partition));
    }
    if (one.offset < 0) continue;  // no message since then
    offsets[Topics::NumberOf(*topics_.Find(std::string_view(one.topic)), one.partition)] =
        static_cast<std::uint64_t>(one.offset);
  }
  return offsets;
}

core::Result<core::Positions> Cluster::Earliest(const core::Positions& of) const {
  return Offsets(RD_KAFKA_OFFSET_BEGINNING, of);
}

core::Result<core::Positions> Cluster::Latest(const core::Positions& of) const {
  return Offsets(RD_KAFKA_OFFSET_END, of);
}

core::Result<core::Positions> Cluster::Since(std::int64_t time_ms,
                                             const core::Positions& of) const {
  core::Result<core::Positions> since = Offsets(time_ms, of);
  if (!since) return since;
  core::Result<core::Positions> latest = Latest(of);
  if (!latest) return latest;
  since->merge(*latest);
  return since;
}

core::Status CheckCluster(const config::KafkaSettings& settings, const Topics& topics) {
  core::Result<Conf> conf = ConsumerConf(settings);
  if (!conf) return conf.error();
  BrokerHealth health;
  rd_kafka_conf_set_opaque(conf->get(), &health);
  rd_kafka_conf_set_error_cb(conf->get(), [](rd_kafka_t*, int, const char* reason, void* heard) {
    static_cast<BrokerHealth*>(heard)->Hear(reason);
  });
  const core::Result<Client> client = MakeClient(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!client) return client.error();
  const Cluster cluster(client->get(), topics, settings.brokers, health);
  const core::Result<core::Positions> found = cluster.Partitions(kCheckTimeout);
  if (found) return {};
  if (found.error().code != core::ErrorCode::kDeadline) return found.error();
  rd_kafka_poll(client->get(), 0);  // hears why
  return cluster.NoAnswer(RD_KAFKA_RESP_ERR__TIMED_OUT);
}

}  // namespace freshet::daemon::kafka
