#include "daemon/kafka/kafka_log.h"

#include <utility>

#include "daemon/kafka/client_conf.h"
#include "daemon/kafka/cluster.h"
#include "daemon/kafka/start_positions.h"

namespace freshet::daemon::kafka {
namespace {

constexpr std::chrono::milliseconds kCheckTimeout{5'000};

// Whether the topics are there, asked of the brokers by a client of its own.
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

}  // namespace

core::Status KafkaLog::Check(const config::KafkaSettings& settings) {
  const core::Result<Topics> topics = Topics::Of(settings);
  if (!topics) return topics.error();
  const core::Result<StartPositions> start = StartPositions::Of(settings, *topics);
  if (!start) return start.error();
  core::Result<Conf> consumer = ConsumerConf(settings);
  if (!consumer) return consumer.error();
  core::Result<Conf> producer = ProducerConf(settings);
  if (!producer) return producer.error();
  const core::Result<Client> made = MakeClient(RD_KAFKA_CONSUMER, std::move(*consumer));
  return made ? core::Status() : core::Status(made.error());
}

core::Result<std::unique_ptr<KafkaLog>> KafkaLog::Open(const config::LogSettings& settings) {
  core::Result<Topics> topics = Topics::Of(settings.kafka);
  if (!topics) return topics.error();
  std::unique_ptr<KafkaLog> log(new KafkaLog(std::move(*topics)));
  if (settings.kafka.when_unreachable == "exit") {
    FRESHET_RETURN_IF_ERROR(CheckCluster(settings.kafka, log->topics_));
  }
  auto writer = KafkaWriter::Start(settings, log->topics_, &log->health_, &log->figures_);
  if (!writer) return writer.error();
  log->writer_ = std::move(*writer);
  auto reader = KafkaReader::Start(settings.kafka, {.topics = log->topics_,
                                                    .health = log->health_,
                                                    .out = log->hand_over_,
                                                    .writer = *log->writer_,
                                                    .figures = log->figures_});
  if (!reader) return reader.error();
  log->reader_ = std::move(*reader);
  return log;
}

core::Status KafkaLog::Append(std::vector<core::LogEntry> entries, Appended appended) {
  return writer_->Append(std::move(entries), std::move(appended));
}

core::Status KafkaLog::Seek(const core::Positions& from) {
  reader_->Seek(from);
  return {};
}

core::Status KafkaLog::Poll(std::size_t maximum, std::chrono::milliseconds wait,
                            storage::LogBatch* batch) {
  return hand_over_.Take(maximum, wait, batch);
}

core::Status KafkaLog::Trim(const core::Positions& covered) {
  reader_->Commit(covered);
  return {};
}

void KafkaLog::Close() {
  reader_->Close();
  writer_->Close();
}

}  // namespace freshet::daemon::kafka
