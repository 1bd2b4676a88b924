// KafkaFigures: what operators are shown of a log in Kafka beyond what every log has.
//
// Owned by the log. Each counter is written by one thread, named beside it; any thread reads.
#pragma once

#include "daemon/local_metric.h"

namespace freshet::daemon::kafka {

struct KafkaFigures {
  LocalCounter messages;                 // the reader: read
  LocalCounter bytes;                    // the reader: of their values
  LocalCounter outages;                  // the reader: times that no broker could be used
  LocalCounter lost_offsets;             // the reader: not read because they were gone
  LocalHistogram produce_seconds;        // the writer: from write to acknowledgement by the brokers
  LocalCounter failed_deliveries;        // the writer: messages
  LocalCounter dead_letters_copied;      // the writer: to the dead letter topic
  LocalCounter dead_letters_not_copied;  // the writer: because delivery failed
};

}  // namespace freshet::daemon::kafka
