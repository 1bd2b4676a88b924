// KafkaLog: the log in Kafka topics. A reader, a writer, and a bounded hand-over between the reader
// and the apply thread.
//
// Owned by the engine; thread rules of EventLog. Nothing blocks the apply thread: what waits for
// the brokers is done by the reader's and the writer's threads. While no broker can be used Append
// and an idle Poll say kUnavailable, with the reason, and both go on by themselves when one can.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/settings.h"
#include "core/result.h"
#include "daemon/kafka/broker_health.h"
#include "daemon/kafka/hand_over.h"
#include "daemon/kafka/kafka_figures.h"
#include "daemon/kafka/kafka_reader.h"
#include "daemon/kafka/kafka_writer.h"
#include "daemon/kafka/topics.h"
#include "storage/event_log.h"

namespace freshet::daemon::kafka {

class KafkaLog final : public storage::EventLog {
 public:
  // Whether others are to see in the group how far this reader is.
  enum class Commits { kYes, kNo };

  // kInvalidArgument when a setting is refused. Does not wait for the brokers, unless
  // when_unreachable is exit: then an error says within seconds what is wrong with them.
  static core::Result<std::unique_ptr<KafkaLog>> Open(const config::LogSettings& settings,
                                                      Commits commits = Commits::kYes);

  // Checks what Open would refuse, without talking to anybody.
  static core::Status Check(const config::KafkaSettings& settings);

  core::Status Append(std::vector<core::LogEntry> entries, Appended appended) override;
  core::Status Seek(const core::Positions& from) override;
  core::Status Poll(std::size_t maximum, std::chrono::milliseconds wait,
                    storage::LogBatch* batch) override;
  void Interrupt() override { hand_over_.Interrupt(); }
  core::Status Trim(const core::Positions& covered) override;
  core::Result<core::Positions> End() override { return reader_->End(); }
  void Close() override;

  // Any thread, as long as the log lives.
  [[nodiscard]] const KafkaFigures& figures() const { return figures_; }
  [[nodiscard]] const Topics& topics() const { return topics_; }
  // See KafkaReader.
  [[nodiscard]] std::string standstills() const { return reader_->standstills(); }
  [[nodiscard]] bool connected() const { return health_.connected(); }

 private:
  KafkaLog(Topics topics, Commits commits) : topics_(std::move(topics)), commits_(commits) {}

  const Topics topics_;
  const Commits commits_;
  KafkaFigures figures_;
  BrokerHealth health_;
  HandOver hand_over_{HandOver::Limits{}};
  std::unique_ptr<KafkaWriter> writer_;
  std::unique_ptr<KafkaReader> reader_;  // last: it uses what stands above
};

}  // namespace freshet::daemon::kafka
