// What kafka_tool does to topics, and what it asks of them. Answers are one line of JSON on stdout.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/kafka/kafka_client.h"

namespace freshet::kafka_test {

// Returns once a broker answers; fails after `seconds`.
void WaitReady(const Properties& properties, int seconds);

// `config` of the topic, such as {"cleanup.policy", "compact"}. Returns once every partition has a
// leader.
void CreateTopic(const Properties& properties, const std::string& topic, int partitions,
                 const Properties& config);

// Returns once the topic is gone from the broker's metadata.
void DeleteTopic(const Properties& properties, const std::string& topic);

// `partitions`: how many there are to be in all.
void AddPartitions(const Properties& properties, const std::string& topic, int partitions);

// Drops everything before `offset`, as retention does.
void DeleteRecords(const Properties& properties, const std::string& topic, int partition,
                   std::int64_t offset);

// {"TOPIC": PARTITIONS, ...}
void PrintTopics(const Properties& properties);

// {"PARTITION": [LOW, HIGH], ...}: the first retained offset and the one after the last.
void PrintEnds(const Properties& properties, const std::string& topic);

// {"TOPIC": {"PARTITION": OFFSET, ...}, ...}: what a group has committed; nothing committed is left
// out.
void PrintGroup(const Properties& properties, const std::string& group,
                const std::vector<std::string>& topics);

}  // namespace freshet::kafka_test
