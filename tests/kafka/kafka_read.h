// How kafka_tool reads topics: all messages to the end that is there when it begins, committed ones
// only, in the order in which they come.
#pragma once

#include <string>
#include <vector>

#include "tests/kafka/kafka_client.h"

namespace freshet::kafka_test {

// Prints each message as one line of JSON: topic, partition, offset, timestampMs, keyHex and
// valueHex (null: none), headers as an array of [name, value in hex].
void PrintMessages(const Properties& properties, const std::vector<std::string>& topics);

// Only counts: the fastest that a consumer of librdkafka can be. Prints messages, bytes of their
// values, seconds and the seconds of processor time.
void CountMessages(const Properties& properties, const std::vector<std::string>& topics);

}  // namespace freshet::kafka_test
