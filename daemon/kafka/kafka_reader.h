// KafkaReader: reads every partition of the topics, from where it is told, and hands the entries
// over decoded.
//
// Owned by the log. A thread of its own does all that waits: it finds the topics, looks up offsets,
// reads and decodes. While it reads, a lookout looks every few seconds whether the brokers answer
// and whether there are new partitions. No group is joined: every partition is assigned here. What
// it cannot do is said through the health and the hand-over, and tried again.
//
// Seek, Commit and End are the apply thread's; Close may be called from any.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "config/settings.h"
#include "core/ids.h"
#include "core/log_entry.h"
#include "core/result.h"
#include "daemon/kafka/broker_health.h"
#include "daemon/kafka/cluster.h"
#include "daemon/kafka/hand_over.h"
#include "daemon/kafka/handles.h"
#include "daemon/kafka/kafka_figures.h"
#include "daemon/kafka/kafka_writer.h"
#include "daemon/kafka/lookout.h"
#include "daemon/kafka/standstills.h"
#include "daemon/kafka/start_positions.h"
#include "daemon/kafka/topics.h"

namespace freshet::daemon::kafka {

class KafkaReader {
 public:
  // What the reader works with; all of it outlives the reader.
  struct Parts {
    const Topics& topics;
    BrokerHealth& health;
    HandOver& out;
    KafkaWriter& writer;  // for dead letters
    KafkaFigures& figures;
  };

  // kInvalidArgument when a property is refused. Nothing is read before Seek.
  static core::Result<std::unique_ptr<KafkaReader>> Start(const config::KafkaSettings& settings,
                                                          const Parts& parts);
  // Waits for a commit under way, a short while.
  ~KafkaReader();
  KafkaReader(const KafkaReader&) = delete;
  KafkaReader& operator=(const KafkaReader&) = delete;

  // Reads from there, by the rules of StartPositions.
  void Seek(const core::Positions& from);
  // Where each partition ended when the brokers last said so; kUnavailable before they did.
  core::Result<core::Positions> End() const;
  // Partitions that stand still before their end, in words; empty when there are none. Any thread.
  [[nodiscard]] std::string standstills() const {
    return standstills_.Describe(parts_.topics, std::chrono::steady_clock::now());
  }
  // Tells the brokers that everything before `covered` is learned, for others to see. Does not
  // wait.
  void Commit(const core::Positions& covered);
  // Reads no more.
  void Close();

 private:
  // One run: what is read between two calls of Seek.
  struct Run {
    std::uint64_t number = 0;
    core::Positions next;  // of the next message of each partition
  };

  KafkaReader(const config::KafkaSettings& settings, const Parts& parts)
      : settings_(settings), parts_(parts) {}

  core::Status MakeConsumer();
  void Loop();
  // False when there is nothing to read yet.
  bool TakeSeek();
  void Sleep(std::chrono::milliseconds time);

  // Finds where to read and begins to; or says why not, and waits before the next try.
  void TryAssign();
  core::Status Assign();
  // True when the brokers said where the partitions end, and all is still there.
  core::Status CheckDeadLetterTopic();
  core::Status Resolve(const core::Positions& partitions);
  void NoteOutage(const core::Error& why);
  void NoteAnswer();

  void Read();
  void Take(const rd_kafka_message_t& message, Chunk* chunk);
  void TakeEvent(const rd_kafka_message_t& message, Chunk* chunk);
  void TakeBad(const rd_kafka_message_t& message, core::Position position, std::string reason,
               Chunk* chunk);
  const Topics::Topic* TopicOf(const rd_kafka_message_t& message);
  void NoteEnds();

  // Hears from the lookout whether the brokers answer and whether there are more partitions.
  void HearLookout();

  static void OnError(rd_kafka_t* client, int error, const char* reason, void* self);
  static void OnCommit(rd_kafka_t* client, rd_kafka_resp_err_t error,
                       rd_kafka_topic_partition_list_t* offsets, void* self);

  const config::KafkaSettings settings_;
  const Parts parts_;
  Client consumer_;
  Queue queue_;
  std::optional<Cluster> cluster_;
  std::optional<StartPositions> start_;

  // The thread's own.
  Run run_;
  bool assigned_ = false;
  bool lost_ = false;  // messages are gone and when_lost is stop: nothing is read until Seek
  bool out_ = false;   // an outage was noted
  bool dead_letter_topic_seen_ = false;
  std::set<std::uint32_t> at_end_;  // partitions in which there is nothing more to read now
  std::vector<rd_kafka_message_t*> messages_;
  std::vector<core::LogEntry> decoded_;
  const rd_kafka_topic_t* last_handle_ = nullptr;
  const Topics::Topic* last_topic_ = nullptr;
  std::chrono::steady_clock::time_point next_ends_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Run> sought_;           // these two are guarded by mutex_
  std::optional<core::Positions> end_;  // of the present run
  Standstills standstills_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> committing_ = false;
  std::atomic<bool> commits_fail_ = false;
  std::optional<Lookout> lookout_;  // asks through the cluster
  std::thread thread_;
};

}  // namespace freshet::daemon::kafka
