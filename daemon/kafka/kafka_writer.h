// KafkaWriter: writes entries to the topics of their kinds, and says when the brokers have them.
//
// Owned by the log. Append and CopyDeadLetter may be called from any thread; outcomes are told on
// the writer's own thread. An idempotent producer: retries of the client neither lose nor repeat a
// message. What ends the producer for good (the library calls it fatal) makes a new one.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "config/settings.h"
#include "core/log_entry.h"
#include "core/result.h"
#include "daemon/kafka/broker_health.h"
#include "daemon/kafka/dead_letter.h"
#include "daemon/kafka/handles.h"
#include "daemon/kafka/kafka_figures.h"
#include "daemon/kafka/topics.h"
#include "storage/event_log.h"

namespace freshet::daemon::kafka {

class KafkaWriter {
 public:
  // kInvalidArgument when a property is refused. All but `settings` outlives the writer.
  static core::Result<std::unique_ptr<KafkaWriter>> Start(const config::LogSettings& settings,
                                                          const Topics& topics,
                                                          BrokerHealth* health,
                                                          KafkaFigures* figures);
  // Fails what is not delivered.
  ~KafkaWriter();
  KafkaWriter(const KafkaWriter&) = delete;
  KafkaWriter& operator=(const KafkaWriter&) = delete;

  // As EventLog::Append. kUnavailable while no broker can be used; kInvalidArgument when there is
  // no topic for an entry's kind, or an entry is larger than a broker takes.
  core::Status Append(const std::vector<core::LogEntry>& entries,
                      storage::EventLog::Appended appended);

  // Writes the letter to the dead letter topic, if there is one; what becomes of it is counted.
  void CopyDeadLetter(const DeadLetter& letter);

  // Refuses more and fails what waits: at once, or when there are copies of dead letters among it
  // after these had a short while to be delivered.
  void Close();

 private:
  class Pending;

  KafkaWriter(const config::LogSettings& settings, const Topics& topics, BrokerHealth* health,
              KafkaFigures* figures)
      : settings_(settings), topics_(topics), health_(health), figures_(figures) {}

  core::Status MakeProducer();
  [[nodiscard]] std::shared_ptr<rd_kafka_t> producer() const;
  core::Status CheckTopics(const std::vector<core::LogEntry>& entries) const;
  core::Status Reserve(std::size_t entries);

  void Run();
  // Looks the topics up; false when no broker answered.
  bool FindTopics();
  void Renew();
  // Serves outcomes until none is left, for a while, then fails those that are.
  void Drain(rd_kafka_t* producer);

  static void OnDelivered(rd_kafka_t* client, const rd_kafka_message_t* message, void* self);
  static void OnError(rd_kafka_t* client, int error, const char* reason, void* self);
  void Delivered(const rd_kafka_message_t& message);
  void DeadLetterDelivered(const rd_kafka_message_t& message);

  const config::LogSettings settings_;
  const Topics& topics_;
  BrokerHealth* const health_;
  KafkaFigures* const figures_;

  mutable std::mutex mutex_;
  std::shared_ptr<rd_kafka_t> producer_;  // guarded by mutex_
  std::atomic<std::size_t> queued_entries_ = 0;
  std::atomic<std::size_t> queued_copies_ = 0;        // of dead letters, not delivered yet
  std::atomic<std::uint64_t> not_queued_copies_ = 0;  // not counted in the figures yet
  std::atomic<bool> closed_ = false;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> fatal_ = false;
  bool copies_fail_ = false;  // the thread's
  std::thread thread_;
};

}  // namespace freshet::daemon::kafka
