// DeadLetterTopic: what is in the dead letter topic, read and written back, for the command line.
//
// Made for one command; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "config/settings.h"
#include "core/result.h"
#include "daemon/kafka/dead_letter.h"
#include "daemon/kafka/handles.h"
#include "daemon/kafka/topics.h"

namespace freshet::daemon::kafka {

class DeadLetterTopic {
 public:
  // kInvalidArgument when the settings name no dead letter topic or a property is refused.
  static core::Result<std::unique_ptr<DeadLetterTopic>> Open(const config::KafkaSettings& settings);

  // Calls `visit` for each letter that was in the topic at the time of the call, in the order of
  // each partition, and once for each original: every replica copies what it refuses, and so does
  // one that reads it again. Messages that are no letters are passed over. An error of `visit` ends
  // the reading.
  core::Status Read(const std::function<core::Status(const DeadLetter&)>& visit);

  // Writes the original again to the topic it came from, with its key and its time.
  // kInvalidArgument when the settings do not name that topic. What became of it is known after
  // Flush.
  core::Status Resubmit(const DeadLetter& letter);
  // Waits until all is delivered; the first error.
  core::Status Flush();

 private:
  DeadLetterTopic(const config::KafkaSettings& settings, Topics topics)
      : settings_(settings), topics_(std::move(topics)) {}

  core::Status MakeProducer();
  static void OnDelivered(rd_kafka_t* client, const rd_kafka_message_t* message, void* self);

  const config::KafkaSettings settings_;
  const Topics topics_;
  core::Status failure_;  // of deliveries
  Client producer_;       // last: its callbacks use what stands above
};

}  // namespace freshet::daemon::kafka
