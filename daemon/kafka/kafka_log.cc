#include "daemon/kafka/kafka_log.h"

#include <utility>

#include "daemon/kafka/client_conf.h"
#include "daemon/kafka/cluster.h"
#include "daemon/kafka/start_positions.h"

namespace freshet::daemon::kafka {

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

core::Result<std::unique_ptr<KafkaLog>> KafkaLog::Open(const config::LogSettings& settings,
                                                       Commits commits) {
  core::Result<Topics> topics = Topics::Of(settings.kafka);
  if (!topics) return topics.error();
  std::unique_ptr<KafkaLog> log(new KafkaLog(std::move(*topics), commits));
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
  return writer_->Append(entries, std::move(appended));
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
  if (commits_ == Commits::kYes) reader_->Commit(covered);
  return {};
}

void KafkaLog::Close() {
  reader_->Close();
  writer_->Close();
}

}  // namespace freshet::daemon::kafka
