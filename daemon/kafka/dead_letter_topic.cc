#include "daemon/kafka/dead_letter_topic.h"

#include <chrono>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "daemon/kafka/broker_health.h"
#include "daemon/kafka/client_conf.h"
#include "daemon/kafka/cluster.h"

namespace freshet::daemon::kafka {
namespace {

constexpr std::chrono::milliseconds kAnswerTimeout{5'000};
constexpr std::chrono::seconds kSilence{30};
constexpr int kPollMs = 100;

using Message = std::unique_ptr<rd_kafka_message_t, Freed<rd_kafka_message_destroy>>;

void* DataOf(const std::optional<std::string>& bytes) {
  return bytes ? const_cast<char*>(bytes->data()) : nullptr;
}
std::size_t SizeOf(const std::optional<std::string>& bytes) { return bytes ? bytes->size() : 0; }

// Reads the partitions from `from` to each one's end.
core::Status ReadToTheEnd(rd_kafka_t* client, const Topics& topics, const core::Positions& from,
                          const std::function<core::Status(const DeadLetter&)>& visit) {
  const PartitionList list = ListOf(topics, from);
  const rd_kafka_resp_err_t assigned = rd_kafka_assign(client, list.get());
  if (assigned != RD_KAFKA_RESP_ERR_NO_ERROR) return ErrorOf(assigned, "the dead letter topic");
  std::size_t open_partitions = from.size();
  auto deadline = std::chrono::steady_clock::now() + kSilence;
  while (open_partitions > 0) {
    const Message message(rd_kafka_consumer_poll(client, kPollMs));
    if (message == nullptr) {
      if (std::chrono::steady_clock::now() < deadline) continue;
      return core::Unavailable("the dead letter topic: the brokers do not answer");
    }
    deadline = std::chrono::steady_clock::now() + kSilence;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      --open_partitions;
    } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return ErrorOf(message->err, "the dead letter topic");
    } else if (const auto letter = ReadDeadLetter(*message)) {
      FRESHET_RETURN_IF_ERROR(visit(*letter));
    }
  }
  return {};
}

}  // namespace

core::Result<std::unique_ptr<DeadLetterTopic>> DeadLetterTopic::Open(
    const config::KafkaSettings& settings) {
  if (settings.dead_letter_topic.empty()) {
    return core::InvalidArgument("log.dead_letter_topic is not set");
  }
  core::Result<Topics> topics = Topics::Of(settings);
  if (!topics) return topics.error();
  return std::unique_ptr<DeadLetterTopic>(new DeadLetterTopic(settings, std::move(*topics)));
}

core::Status DeadLetterTopic::Read(const std::function<core::Status(const DeadLetter&)>& visit) {
  config::KafkaSettings letters = settings_;
  letters.events_topics = {settings_.dead_letter_topic};
  letters.items_topic.clear();
  letters.users_topic.clear();
  const core::Result<Topics> topics = Topics::Of(letters);
  if (!topics) return topics.error();
  FRESHET_RETURN_IF_ERROR(CheckCluster(letters, *topics));
  core::Result<Conf> conf = ConsumerConf(letters);
  if (!conf) return conf.error();
  const core::Result<Client> client = MakeClient(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!client) return client.error();
  rd_kafka_poll_set_consumer(client->get());
  const BrokerHealth health;
  const Cluster cluster(client->get(), *topics, letters.brokers, health);
  const core::Result<core::Positions> partitions = cluster.Partitions(kAnswerTimeout);
  if (!partitions) return partitions.error();
  const core::Result<core::Positions> earliest = cluster.Earliest(*partitions);
  if (!earliest) return earliest.error();
  std::set<std::tuple<std::string, std::int32_t, std::int64_t>> seen;
  return ReadToTheEnd(client->get(), *topics, *earliest,
                      [&](const DeadLetter& letter) -> core::Status {
                        if (!seen.emplace(letter.topic, letter.partition, letter.offset).second)
                          return {};
                        return visit(letter);
                      });
}

core::Status DeadLetterTopic::MakeProducer() {
  core::Result<Conf> conf = ProducerConf(settings_);
  if (!conf) return conf.error();
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_dr_msg_cb(conf->get(), OnDelivered);
  core::Result<Client> client = MakeClient(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!client) return client.error();
  producer_ = std::move(*client);
  return {};
}

core::Status DeadLetterTopic::Resubmit(const DeadLetter& letter) {
  if (topics_.Find(std::string_view(letter.topic)) == nullptr) {
    return core::InvalidArgument("the letter is of the topic " + letter.topic +
                                 ", which the settings do not name");
  }
  if (producer_ == nullptr) FRESHET_RETURN_IF_ERROR(MakeProducer());
  const std::size_t key_size = SizeOf(letter.key);
  const std::size_t value_size = SizeOf(letter.value);
  const rd_kafka_resp_err_t error = rd_kafka_producev(
      producer_.get(), RD_KAFKA_V_TOPIC(letter.topic.c_str()),
      RD_KAFKA_V_KEY(DataOf(letter.key), key_size),
      RD_KAFKA_V_VALUE(DataOf(letter.value), value_size), RD_KAFKA_V_TIMESTAMP(letter.timestamp_ms),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return ErrorOf(error, letter.topic);
  rd_kafka_poll(producer_.get(), 0);
  return {};
}

core::Status DeadLetterTopic::Flush() {
  while (producer_ != nullptr && rd_kafka_outq_len(producer_.get()) > 0) {
    rd_kafka_poll(producer_.get(), kPollMs);
  }
  return failure_;
}

void DeadLetterTopic::OnDelivered(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  auto* topic = static_cast<DeadLetterTopic*>(self);
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || !topic->failure_.ok()) return;
  topic->failure_ = ErrorOf(message->err, rd_kafka_topic_name(message->rkt));
}

}  // namespace freshet::daemon::kafka
