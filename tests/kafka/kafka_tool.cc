// kafka_tool: what the tests and benchmarks need of a Kafka broker, without starting a Java runtime
// each time.
//
//   kafka_tool --brokers HOST:PORT [--property NAME=VALUE]... COMMAND
//
// Answers are JSON on stdout; what went wrong is said on stderr, and then it exits with 1.
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "tests/kafka/kafka_admin.h"
#include "tests/kafka/kafka_produce.h"
#include "tests/kafka/kafka_read.h"

namespace freshet::kafka_test {
namespace {

Properties Split(const std::vector<std::string>& settings) {
  Properties properties;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) Fail("not NAME=VALUE: " + setting);
    properties.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  return properties;
}

struct Arguments {
  std::string brokers;
  std::vector<std::string> settings;
  std::string topic;
  std::vector<std::string> topics;
  std::vector<std::string> config;
  std::string group;
  int partitions = 1;
  int partition = 0;
  std::int64_t offset = 0;
  int seconds = 60;
  ProduceOptions produce;

  [[nodiscard]] Properties Connection() const {
    Properties properties = {{"bootstrap.servers", brokers}, {"log_level", "3"}};
    const Properties more = Split(settings);
    properties.insert(properties.end(), more.begin(), more.end());
    return properties;
  }
};

void AddAdmin(CLI::App* app, Arguments* arguments) {
  Arguments& given = *arguments;
  auto* ready = app->add_subcommand("wait-ready", "waits until a broker answers");
  ready->add_option("--seconds", given.seconds);
  ready->callback([&] { WaitReady(given.Connection(), given.seconds); });

  auto* create = app->add_subcommand("create", "makes a topic");
  create->add_option("TOPIC", given.topic)->required();
  create->add_option("PARTITIONS", given.partitions)->required();
  create->add_option("--config", given.config, "NAME=VALUE");
  create->callback(
      [&] { CreateTopic(given.Connection(), given.topic, given.partitions, Split(given.config)); });

  auto* drop = app->add_subcommand("delete", "deletes a topic");
  drop->add_option("TOPIC", given.topic)->required();
  drop->callback([&] { DeleteTopic(given.Connection(), given.topic); });

  auto* add = app->add_subcommand("add-partitions", "gives a topic more partitions");
  add->add_option("TOPIC", given.topic)->required();
  add->add_option("PARTITIONS", given.partitions, "in all")->required();
  add->callback([&] { AddPartitions(given.Connection(), given.topic, given.partitions); });

  auto* truncate = app->add_subcommand("delete-records", "drops what is before an offset");
  truncate->add_option("TOPIC", given.topic)->required();
  truncate->add_option("PARTITION", given.partition)->required();
  truncate->add_option("OFFSET", given.offset)->required();
  truncate->callback(
      [&] { DeleteRecords(given.Connection(), given.topic, given.partition, given.offset); });

  auto* topics = app->add_subcommand("topics", "topics and their numbers of partitions");
  topics->callback([&] { PrintTopics(given.Connection()); });

  auto* ends = app->add_subcommand("ends", "first and end offsets of a topic's partitions");
  ends->add_option("TOPIC", given.topic)->required();
  ends->callback([&] { PrintEnds(given.Connection(), given.topic); });

  auto* group = app->add_subcommand("group", "what a group has committed");
  group->add_option("GROUP", given.group)->required();
  group->add_option("TOPIC", given.topics)->required();
  group->callback([&] { PrintGroup(given.Connection(), given.group, given.topics); });
}

void AddMessages(CLI::App* app, Arguments* arguments, bool* well) {
  Arguments& given = *arguments;
  auto* produce = app->add_subcommand("produce", "makes messages of the lines of stdin");
  produce->add_option("TOPIC", given.produce.topic, "where a message does not name its own");
  produce->add_flag("--keyed", given.produce.keyed_lines, "lines are KEY<tab>VALUE, not JSON");
  produce->add_option("--rate", given.produce.messages_per_second, "messages a second");
  produce->add_option("--transactional-id", given.produce.transactional_id);
  produce->add_option("--transaction-size", given.produce.transaction_size, "0: all in one");
  produce->add_option("--abort-every", given.produce.abort_every, "abort each Nth; 0: none");
  produce->callback([&given, well] { *well = Produce(given.Connection(), given.produce); });

  auto* read = app->add_subcommand("read", "all messages as JSON lines");
  read->add_option("TOPIC", given.topics)->required();
  read->callback([&] { PrintMessages(given.Connection(), given.topics); });

  auto* count = app->add_subcommand("count", "counts all messages, and how fast");
  count->add_option("TOPIC", given.topics)->required();
  count->callback([&] { CountMessages(given.Connection(), given.topics); });
}

int Main(int argc, char** argv) {
  Arguments arguments;
  bool well = true;
  CLI::App app("What tests need of a Kafka broker.");
  app.add_option("--brokers", arguments.brokers, "HOST:PORT[,HOST:PORT]")->required();
  app.add_option("--property", arguments.settings, "NAME=VALUE of librdkafka");
  app.require_subcommand(1);
  AddAdmin(&app, &arguments);
  AddMessages(&app, &arguments, &well);
  CLI11_PARSE(app, argc, argv);
  return well ? 0 : 1;
}

}  // namespace
}  // namespace freshet::kafka_test

int main(int argc, char** argv) { return freshet::kafka_test::Main(argc, argv); }
