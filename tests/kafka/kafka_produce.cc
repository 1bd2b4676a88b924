#include "tests/kafka/kafka_produce.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <map>
#include <optional>
#include <thread>

#include <boost/json.hpp>

namespace freshet::kafka_test {
namespace {

using Clock = std::chrono::steady_clock;

struct Message {
  std::string topic;
  std::int32_t partition = RD_KAFKA_PARTITION_UA;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::map<std::string, std::string> headers;
  std::int64_t timestamp_ms = 0;  // 0: now
};

std::string FromHex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

std::string TextOrJson(const boost::json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
}

Message ParseJson(const std::string& line, const std::string& topic) {
  Message message;
  message.topic = topic;
  const boost::json::value parsed = boost::json::parse(line);
  for (const auto& [name, value] : parsed.as_object()) {
    if (name == "topic") {
      message.topic = value.as_string();
    } else if (name == "partition") {
      message.partition = value.to_number<std::int32_t>();
    } else if (name == "key") {
      message.key = TextOrJson(value);
    } else if (name == "value") {
      if (!value.is_null()) message.value = TextOrJson(value);
    } else if (name == "valueHex") {
      message.value = FromHex(value.as_string());
    } else if (name == "headers") {
      for (const auto& [header, text] : value.as_object()) {
        message.headers[std::string(header)] = TextOrJson(text);
      }
    } else if (name == "timestampMs") {
      message.timestamp_ms = value.to_number<std::int64_t>();
    } else {
      Fail("a message has no member " + std::string(name));
    }
  }
  return message;
}

Message ParseKeyed(const std::string& line, const std::string& topic) {
  const std::size_t tab = line.find('\t');
  if (tab == std::string::npos) Fail("a line without a tab: " + line);
  Message message;
  message.topic = topic;
  if (tab > 0) message.key = line.substr(0, tab);
  message.value = line.substr(tab + 1);
  return message;
}

class Producer {
 public:
  Producer(const Properties& properties, const ProduceOptions& options)
      : options_(options),
        client_(MakeClient(RD_KAFKA_PRODUCER, properties, &Producer::Delivered, this)) {}

  bool Run() {
    const Clock::time_point start = Clock::now();
    if (Transactional()) {
      Check(rd_kafka_init_transactions(client_.get(), kTimeoutMs), "init_transactions");
    }
    std::uint64_t sent = 0;
    for (std::string line; std::getline(std::cin, line); ++sent) {
      if (options_.messages_per_second > 0) {
        WaitFor(start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
                            static_cast<double>(sent) / options_.messages_per_second)));
      }
      if (Transactional() && !open_) Begin();
      Send(options_.keyed_lines ? ParseKeyed(line, options_.topic)
                                : ParseJson(line, options_.topic));
      rd_kafka_poll(client_.get(), 0);
      if (options_.transaction_size > 0 && ++in_transaction_ == options_.transaction_size) End();
    }
    if (open_) End();
    while (rd_kafka_outq_len(client_.get()) > 0) rd_kafka_poll(client_.get(), 100);
    Report(std::chrono::duration<double>(Clock::now() - start).count());
    return failed_ == 0;
  }

 private:
  static void Delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
    static_cast<Producer*>(self)->Count(message);
  }

  void Count(const rd_kafka_message_t* message) {
    if (message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
        message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT) {
      return;  // of a transaction that is being aborted
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++failed_;
      ++errors_[rd_kafka_err2name(message->err)];
      return;
    }
    ++delivered_;
    std::int64_t& end = ends_[rd_kafka_topic_name(message->rkt)][message->partition];
    end = std::max(end, message->offset + 1);
  }

  [[nodiscard]] bool Transactional() const { return !options_.transactional_id.empty(); }

  void WaitFor(Clock::time_point due) {
    while (Clock::now() < due) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(due - Clock::now());
      rd_kafka_poll(client_.get(), static_cast<int>(std::min<std::int64_t>(left.count() + 1, 100)));
    }
  }

  void Begin() {
    Check(rd_kafka_begin_transaction(client_.get()), "begin_transaction");
    open_ = true;
    in_transaction_ = 0;
    ++transactions_;
  }

  void End() {
    open_ = false;
    if (options_.abort_every > 0 && transactions_ % options_.abort_every == 0) {
      // Flushed first: an aborted message that never reached the topic would test nothing.
      Check(rd_kafka_flush(client_.get(), kTimeoutMs), "flush");
      Check(rd_kafka_abort_transaction(client_.get(), kTimeoutMs), "abort_transaction");
      ++aborted_;
    } else {
      Check(rd_kafka_commit_transaction(client_.get(), kTimeoutMs), "commit_transaction");
    }
  }

  void Send(const Message& message) {
    for (;;) {
      const rd_kafka_resp_err_t error = SendOnce(message);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
      if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        rd_kafka_poll(client_.get(), 100);
        continue;
      }
      ++failed_;
      ++errors_[rd_kafka_err2name(error)];
      return;
    }
  }

  rd_kafka_resp_err_t SendOnce(const Message& message) {
    rd_kafka_headers_t* headers = nullptr;
    if (!message.headers.empty()) {
      headers = rd_kafka_headers_new(message.headers.size());
      for (const auto& [name, text] : message.headers) {
        rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), text.data(),
                            static_cast<ssize_t>(text.size()));
      }
    }
    // producev takes pointers without const and only reads through them.
    const void* value = message.value ? message.value->data() : nullptr;
    const std::size_t value_size = message.value ? message.value->size() : 0;
    const void* key = message.key ? message.key->data() : nullptr;
    const std::size_t key_size = message.key ? message.key->size() : 0;
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        client_.get(), RD_KAFKA_V_TOPIC(message.topic.c_str()),
        RD_KAFKA_V_PARTITION(message.partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_VALUE(const_cast<void*>(value), value_size), RD_KAFKA_V_KEY(key, key_size),
        RD_KAFKA_V_TIMESTAMP(message.timestamp_ms), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && headers != nullptr) {
      rd_kafka_headers_destroy(headers);
    }
    return error;
  }

  void Report(double seconds) {
    boost::json::object errors;
    for (const auto& [name, count] : errors_) errors[name] = count;
    boost::json::object ends;
    for (const auto& [topic, partitions] : ends_) {
      boost::json::object& of_topic = ends[topic].emplace_object();
      for (const auto& [partition, end] : partitions) of_topic[std::to_string(partition)] = end;
    }
    const boost::json::object shown = {{"delivered", delivered_}, {"failed", failed_},
                                       {"aborted", aborted_},     {"errors", errors},
                                       {"seconds", seconds},      {"ends", ends}};
    std::printf("%s\n", boost::json::serialize(shown).c_str());
  }

  const ProduceOptions& options_;
  std::uint64_t delivered_ = 0;
  std::uint64_t failed_ = 0;
  std::map<std::string, std::uint64_t> errors_;
  std::map<std::string, std::map<std::int32_t, std::int64_t>> ends_;
  bool open_ = false;
  int in_transaction_ = 0;
  int transactions_ = 0;
  int aborted_ = 0;
  Client client_;  // last: it calls back while it is destroyed
};

}  // namespace

bool Produce(const Properties& properties, const ProduceOptions& options) {
  // The partitioner of Java's producers, so that a key goes where it goes there.
  Properties settings = {{"enable.idempotence", "true"},
                         {"partitioner", "murmur2_random"},
                         {"linger.ms", "5"},
                         {"queue.buffering.max.messages", "200000"}};
  if (!options.transactional_id.empty()) {
    settings.emplace_back("transactional.id", options.transactional_id);
  }
  settings.insert(settings.end(), properties.begin(), properties.end());
  std::ios::sync_with_stdio(false);
  return Producer(settings, options).Run();
}

}  // namespace freshet::kafka_test
