// How kafka_tool produces: the lines of stdin become messages, as fast as the broker takes them or
// at a rate.
#pragma once

#include <string>

#include "tests/kafka/kafka_client.h"

namespace freshet::kafka_test {

struct ProduceOptions {
  std::string topic;
  // Lines are KEY<tab>VALUE, an empty key being none, or else JSON: {"topic", "partition", "key",
  // "value" (a text, null for a tombstone, or anything else, written as JSON), "valueHex",
  // "headers": {NAME: TEXT}, "timestampMs"}, of which only the value is required.
  bool keyed_lines = false;
  double messages_per_second = 0;  // 0: no limit
  // With a transactional id, every `transaction_size` messages are a transaction (0: all are one),
  // and each `abort_every`th is aborted (0: none).
  std::string transactional_id;
  int transaction_size = 0;
  int abort_every = 0;
};

// Prints one line of JSON when stdin has ended and every message is delivered or has failed:
// delivered, failed, aborted, errors by name, seconds, ends {TOPIC: {PARTITION: the offset after
// the last}}. True when none failed.
bool Produce(const Properties& properties, const ProduceOptions& options);

}  // namespace freshet::kafka_test
