// What is asked of the cluster beside messages: topics, partitions and offsets. Each call blocks
// until it is answered or its time is over. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/ids.h"
#include "core/result.h"
#include "daemon/kafka/broker_health.h"
#include "daemon/kafka/handles.h"
#include "daemon/kafka/topics.h"

namespace freshet::daemon::kafka {

// A client's error in words; `what` says what failed. Whatever it is, trying again may help:
// kUnavailable.
core::Error ErrorOf(rd_kafka_resp_err_t error, const std::string& what);

// A list of partitions with an offset for each.
PartitionList ListOf(const Topics& topics, const core::Positions& positions);

class Cluster {
 public:
  // `client`, `topics` and `health` outlive this.
  Cluster(rd_kafka_t* client, const Topics& topics, std::string brokers, const BrokerHealth& health)
      : client_(client), topics_(topics), brokers_(std::move(brokers)), health_(health) {}

  // Every partition of every topic, each with offset 0. kNotFound names the topic that there is
  // not; kDeadline: nobody answers, with the last words that a client heard.
  core::Result<core::Positions> Partitions(std::chrono::milliseconds timeout) const;
  // Partitions of one topic.
  core::Result<std::int32_t> PartitionCount(const std::string& topic,
                                            std::chrono::milliseconds timeout) const;

  // For each of the partitions: its earliest offset, the offset behind its last readable message,
  // that of the first message since `time_ms`, or behind the last when there is none.
  core::Result<core::Positions> Earliest(const core::Positions& of) const;
  core::Result<core::Positions> Latest(const core::Positions& of) const;
  core::Result<core::Positions> Since(std::int64_t time_ms, const core::Positions& of) const;

  // That nobody answers: with the words heard last, or those of `error`.
  [[nodiscard]] core::Error NoAnswer(rd_kafka_resp_err_t error) const;

 private:
  core::Result<core::Positions> Offsets(std::int64_t time, const core::Positions& of) const;

  rd_kafka_t* client_;
  const Topics& topics_;
  const std::string brokers_;
  const BrokerHealth& health_;
};

// Asks the brokers, by a client of its own, whether they answer and all topics are there; an error
// within seconds says what is wrong.
core::Status CheckCluster(const config::KafkaSettings& settings, const Topics& topics);

}  // namespace freshet::daemon::kafka
