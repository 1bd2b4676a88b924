#include "daemon/kafka/client_conf.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

namespace freshet::daemon::kafka {
namespace {

using Properties = std::vector<std::pair<std::string, std::string>>;

// What the operator may change.
const Properties& CommonDefaults() {
  static const Properties properties = {
      {"client.id", "freshet"},          {"socket.nagle.disable", "true"},
      {"reconnect.backoff.ms", "100"},   {"reconnect.backoff.max.ms", "1000"},
      {"log.connection.close", "false"},
  };
  return properties;
}

// The queues between broker and decoder are bounded here, so that catching up takes the same memory
// however long the backlog is. librdkafka waits a whole second once so many messages are queued,
// before 2.2 without a way to change that: what is queued has to last for longer than a second.
const Properties& ConsumerDefaults() {
  static const Properties properties = {
      {"queued.max.messages.kbytes", "32768"},
      {"queued.min.messages", "200000"},
      {"fetch.max.bytes", "16777216"},
      {"fetch.wait.max.ms", "500"},
      {"fetch.error.backoff.ms", "100"},
      // No group is joined: it is for so long that a commit waits for a coordinator to be found,
      // and the client's end waits for the commit.
      {"session.timeout.ms", "1000"},
  };
  return properties;
}

// The partitioner of Java's producers: what one user does lies in one partition, whoever writes it.
const Properties& ProducerDefaults() {
  static const Properties properties = {
      {"linger.ms", "0"}, {"compression.codec", "none"}, {"partitioner", "murmur2_random"}};
  return properties;
}

// What the log's promises rest on.
Properties CommonRules(const config::KafkaSettings& settings) {
  return {{"bootstrap.servers", settings.brokers}};
}

Properties ConsumerRules(const config::KafkaSettings& settings) {
  return {{"group.id", settings.group_id},       {"enable.auto.commit", "false"},
          {"enable.auto.offset.store", "false"}, {"auto.offset.reset", "error"},
          {"isolation.level", "read_committed"}, {"enable.partition.eof", "true"},
          {"allow.auto.create.topics", "false"}};
}

Properties ProducerRules(const config::KafkaSettings& settings) {
  // The number of entries in the queue is bounded by the writer, so that an append is taken whole
  // or not at all.
  return {{"enable.idempotence", "true"},
          {"acks", "all"},
          {"message.timeout.ms", std::to_string(settings.delivery_timeout_ms)},
          {"queue.buffering.max.messages", "2000000000"},
          {"queue.buffering.max.kbytes", "2000000000"}};
}

core::Status Set(rd_kafka_conf_t* conf, const std::string& key, const std::string& value) {
  std::array<char, 512> words{};
  if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), words.data(), words.size()) ==
      RD_KAFKA_CONF_OK) {
    return {};
  }
  return core::InvalidArgument("log.librdkafka." + key + ": " + words.data());
}

core::Status SetAll(rd_kafka_conf_t* conf, const Properties& properties) {
  for (const auto& [key, value] : properties) FRESHET_RETURN_IF_ERROR(Set(conf, key, value));
  return {};
}

core::Status CheckIsFree(const std::string& key, const config::KafkaSettings& settings) {
  for (const auto& rules :
       {CommonRules(settings), ConsumerRules(settings), ProducerRules(settings)}) {
    for (const auto& [ruled, ignored] : rules) {
      if (ruled != key) continue;
      return core::InvalidArgument("log.librdkafka." + key +
                                   ": Freshet sets this itself, leave it out");
    }
  }
  return {};
}

// The library says here what its callbacks say too, and every try to connect; the log has the
// summary, this is for those who look closer.
void LogLine(const rd_kafka_t*, int, const char* facility, const char* text) {
  spdlog::debug("librdkafka: {}: {}", facility, text);
}

core::Result<Conf> MakeConf(const config::KafkaSettings& settings, const Properties& defaults,
                            const Properties& rules) {
  Conf conf(rd_kafka_conf_new());
  rd_kafka_conf_set_log_cb(conf.get(), LogLine);
  FRESHET_RETURN_IF_ERROR(SetAll(conf.get(), CommonDefaults()));
  FRESHET_RETURN_IF_ERROR(SetAll(conf.get(), defaults));
  for (const auto& [key, value] : settings.librdkafka) {
    FRESHET_RETURN_IF_ERROR(CheckIsFree(key, settings));
    FRESHET_RETURN_IF_ERROR(Set(conf.get(), key, value));
  }
  FRESHET_RETURN_IF_ERROR(SetAll(conf.get(), CommonRules(settings)));
  FRESHET_RETURN_IF_ERROR(SetAll(conf.get(), rules));
  return conf;
}

}  // namespace

core::Result<Conf> ConsumerConf(const config::KafkaSettings& settings) {
  return MakeConf(settings, ConsumerDefaults(), ConsumerRules(settings));
}

core::Result<Conf> ProducerConf(const config::KafkaSettings& settings) {
  return MakeConf(settings, ProducerDefaults(), ProducerRules(settings));
}

core::Result<Client> MakeClient(rd_kafka_type_t type, Conf conf) {
  std::array<char, 512> words{};
  Client client(rd_kafka_new(type, conf.get(), words.data(), words.size()));
  if (client == nullptr) {
    return core::InvalidArgument("log.librdkafka: " + std::string(words.data()));
  }
  (void)conf.release();  // the client's now
  return client;
}

}  // namespace freshet::daemon::kafka
