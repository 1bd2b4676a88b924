#include "daemon/kafka/kafka_writer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include <spdlog/spdlog.h>

#include "daemon/kafka/client_conf.h"
#include "daemon/kafka/cluster.h"
#include "daemon/kafka/kafka_message.h"

namespace freshet::daemon::kafka {
namespace {

constexpr int kPollMs = 100;
constexpr int kFindMs = 500;
constexpr std::chrono::seconds kDrainTime{2};
// The opaque pointer of a dead letter's message; those of entries have their Pending.
constexpr void* kDeadLetterMark = nullptr;

core::Error NotDelivered(rd_kafka_resp_err_t error, std::uint32_t timeout_ms) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
      return core::Unavailable("the brokers did not take it within " + std::to_string(timeout_ms) +
                               " ms (log.delivery_timeout_ms); it may still become durable");
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return core::InvalidArgument("the entry is larger than a message may be");
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
      return core::Unavailable("the log is closed");
    default:
      return ErrorOf(error, "not delivered");
  }
}

// What the library copies. A null pointer is a tombstone or the absence of a key.
struct Bytes {
  void* data;
  std::size_t size;
};
Bytes BytesOf(const std::string& text) { return {const_cast<char*>(text.data()), text.size()}; }
Bytes BytesOf(const std::optional<std::string>& text) {
  return text ? BytesOf(*text) : Bytes{nullptr, 0};
}

// `headers` may be null; they are the library's when there is no error.
rd_kafka_resp_err_t Produce(rd_kafka_t* client, const std::string& topic, Bytes key, Bytes value,
                            rd_kafka_headers_t* headers, void* opaque) {
  std::array<rd_kafka_vu_t, 6> parts{};
  std::size_t count = 0;
  const auto add = [&](rd_kafka_vtype_t type) -> auto& {
    parts[count].vtype = type;
    return parts[count++].u;
  };
  add(RD_KAFKA_VTYPE_TOPIC).cstr = topic.c_str();
  add(RD_KAFKA_VTYPE_MSGFLAGS).i = RD_KAFKA_MSG_F_COPY;
  add(RD_KAFKA_VTYPE_OPAQUE).ptr = opaque;
  auto& to_key = add(RD_KAFKA_VTYPE_KEY).mem;
  to_key.ptr = key.data;
  to_key.size = key.size;
  auto& to_value = add(RD_KAFKA_VTYPE_VALUE).mem;
  to_value.ptr = value.data;
  to_value.size = value.size;
  if (headers != nullptr) add(RD_KAFKA_VTYPE_HEADERS).headers = headers;
  const std::unique_ptr<rd_kafka_error_t, Freed<rd_kafka_error_destroy>> error(
      rd_kafka_produceva(client, parts.data(), count));
  return error == nullptr ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_error_code(error.get());
}

}  // namespace

// One Append under way: told once, when all its messages are.
class KafkaWriter::Pending {
 public:
  // `parts`: messages, and one for whoever hands them over.
  Pending(std::size_t parts, storage::EventLog::Appended appended)
      : left_(parts), appended_(std::move(appended)) {}

  // Takes one part's outcome; after the last this is gone.
  void Delivered(std::uint32_t partition, std::uint64_t offset) {
    {
      const std::lock_guard lock(mutex_);
      std::uint64_t& next = positions_[partition];
      next = std::max(next, offset + 1);
    }
    Done();
  }

  void Failed(core::Error error) {
    {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::move(error);
    }
    Done();
  }

  void Done() {
    if (left_.fetch_sub(1) != 1) return;
    const std::unique_ptr<Pending> self(this);
    if (!appended_) return;
    if (error_) {
      appended_(*std::move(error_));
    } else {
      appended_(std::move(positions_));
    }
  }

 private:
  std::atomic<std::size_t> left_;
  const storage::EventLog::Appended appended_;
  std::mutex mutex_;
  core::Positions positions_;         // guarded by mutex_ until all are done
  std::optional<core::Error> error_;  // likewise
};

core::Result<std::unique_ptr<KafkaWriter>> KafkaWriter::Start(const config::LogSettings& settings,
                                                              const Topics& topics,
                                                              BrokerHealth* health,
                                                              KafkaFigures* figures) {
  std::unique_ptr<KafkaWriter> writer(new KafkaWriter(settings, topics, health, figures));
  FRESHET_RETURN_IF_ERROR(writer->MakeProducer());
  writer->thread_ = std::thread([self = writer.get()] { self->Run(); });
  return writer;
}

KafkaWriter::~KafkaWriter() {
  Close();
  stop_.store(true);
  if (thread_.joinable()) thread_.join();
}

core::Status KafkaWriter::MakeProducer() {
  core::Result<Conf> conf = ProducerConf(settings_.kafka);
  if (!conf) return conf.error();
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_dr_msg_cb(conf->get(), OnDelivered);
  rd_kafka_conf_set_error_cb(conf->get(), OnError);
  core::Result<Client> client = MakeClient(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!client) return client.error();
  const std::lock_guard lock(mutex_);
  producer_ = std::shared_ptr<rd_kafka_t>(client->release(), Client::deleter_type());
  return {};
}

std::shared_ptr<rd_kafka_t> KafkaWriter::producer() const {
  const std::lock_guard lock(mutex_);
  return producer_;
}

core::Status KafkaWriter::CheckTopics(const std::vector<core::LogEntry>& entries) const {
  for (const core::LogEntry& entry : entries) {
    if (std::holds_alternative<core::Event>(entry)) continue;
    const bool item = std::holds_alternative<core::PutItem>(entry) ||
                      std::holds_alternative<core::DeleteItem>(entry);
    if (topics_.ForWriting(item ? TopicKind::kItems : TopicKind::kUsers) != nullptr) continue;
    return core::InvalidArgument(item ? "items cannot be put: log.items_topic is not set"
                                      : "users cannot be put: log.users_topic is not set");
  }
  return {};
}

core::Status KafkaWriter::Reserve(std::size_t entries) {
  std::size_t queued = queued_entries_.load();
  do {
    if (queued > 0 && queued + entries > settings_.maximum_queued_entries) {
      return {core::Error{core::ErrorCode::kOverloaded,
                          std::to_string(queued) + " entries wait to be written, the limit is " +
                              std::to_string(settings_.maximum_queued_entries) +
                              " (log.maximum_queued_entries)"}};
    }
  } while (!queued_entries_.compare_exchange_weak(queued, queued + entries));
  return {};
}

core::Status KafkaWriter::Append(const std::vector<core::LogEntry>& entries,
                                 storage::EventLog::Appended appended) {
  if (closed_.load()) return core::Unavailable("the log is closed");
  FRESHET_RETURN_IF_ERROR(health_->status());
  FRESHET_RETURN_IF_ERROR(CheckTopics(entries));
  FRESHET_RETURN_IF_ERROR(Reserve(entries.size()));
  const std::shared_ptr<rd_kafka_t> client = producer();
  auto* pending = new Pending(entries.size() + 1, std::move(appended));
  for (const core::LogEntry& entry : entries) {
    const Message message = EncodeMessage(entry);
    const Topics::Topic* topic = topics_.ForWriting(message.kind);
    const rd_kafka_resp_err_t error = Produce(client.get(), topic->name, BytesOf(message.key),
                                              BytesOf(message.value), nullptr, pending);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    queued_entries_.fetch_sub(1);
    pending->Failed(NotDelivered(error, settings_.kafka.delivery_timeout_ms));
  }
  pending->Done();
  return {};
}

void KafkaWriter::CopyDeadLetter(const DeadLetter& letter) {
  const std::string& topic = settings_.kafka.dead_letter_topic;
  if (topic.empty() || closed_.load()) return;
  rd_kafka_headers_t* headers = HeadersOf(letter);
  queued_copies_.fetch_add(1);
  const rd_kafka_resp_err_t error = Produce(producer().get(), topic, BytesOf(letter.key),
                                            BytesOf(letter.value), headers, kDeadLetterMark);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  queued_copies_.fetch_sub(1);
  rd_kafka_headers_destroy(headers);
  not_queued_copies_.fetch_add(1);
}

void KafkaWriter::Close() {
  if (closed_.exchange(true)) return;
  // Letters will not be read again: they get the time of the last drain, and entries with them.
  const std::shared_ptr<rd_kafka_t> client = producer();
  if (client == nullptr || queued_copies_.load() > 0) return;
  rd_kafka_purge(client.get(), RD_KAFKA_PURGE_F_QUEUE);
}

// Without this the first message of a topic waits a second for the client to find it.
bool KafkaWriter::FindTopics() {
  const std::shared_ptr<rd_kafka_t> client = producer();
  std::vector<std::string> names;
  for (const Topics::Topic& topic : topics_.all()) names.push_back(topic.name);
  if (!settings_.kafka.dead_letter_topic.empty()) {
    names.push_back(settings_.kafka.dead_letter_topic);
  }
  for (const std::string& name : names) {
    const Topic topic(rd_kafka_topic_new(client.get(), name.c_str(), nullptr));
    const struct rd_kafka_metadata* metadata = nullptr;
    if (topic == nullptr || rd_kafka_metadata(client.get(), 0, topic.get(), &metadata, kFindMs) !=
                                RD_KAFKA_RESP_ERR_NO_ERROR) {
      return false;
    }
    rd_kafka_metadata_destroy(metadata);
  }
  return true;
}

void KafkaWriter::Run() {
  bool found = false;
  while (!stop_.load()) {
    if (!found && !closed_.load()) found = FindTopics();
    rd_kafka_poll(producer().get(), kPollMs);
    figures_->dead_letters_not_copied.Add(not_queued_copies_.exchange(0));
    if (!fatal_.exchange(false)) continue;
    Renew();
    found = false;
  }
  Drain(producer().get());
}

void KafkaWriter::Renew() {
  const std::shared_ptr<rd_kafka_t> ended = producer();
  spdlog::error("the producer cannot go on, making a new one: {}", health_->heard());
  if (const core::Status made = MakeProducer(); !made.ok()) {
    spdlog::error("no new producer: {}", made.error().message);
    fatal_.store(true);
    return;
  }
  rd_kafka_purge(ended.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  Drain(ended.get());
}

void KafkaWriter::Drain(rd_kafka_t* client) {
  const auto serve = [&] {
    const auto deadline = std::chrono::steady_clock::now() + kDrainTime;
    while (rd_kafka_outq_len(client) > 0 && std::chrono::steady_clock::now() < deadline) {
      rd_kafka_poll(client, kPollMs);
    }
  };
  serve();
  rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  serve();
}

void KafkaWriter::OnDelivered(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  static_cast<KafkaWriter*>(self)->Delivered(*message);
}

void KafkaWriter::OnError(rd_kafka_t* client, int error, const char* reason, void* self) {
  auto* writer = static_cast<KafkaWriter*>(self);
  if (error != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) writer->health_->Hear(reason);
  if (error == RD_KAFKA_RESP_ERR__FATAL && client == writer->producer().get()) {
    writer->fatal_.store(true);
  }
}

void KafkaWriter::Delivered(const rd_kafka_message_t& message) {
  if (message._private == kDeadLetterMark) return DeadLetterDelivered(message);
  queued_entries_.fetch_sub(1);
  auto* pending = static_cast<Pending*>(message._private);
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    figures_->failed_deliveries.Add();
    return pending->Failed(NotDelivered(message.err, settings_.kafka.delivery_timeout_ms));
  }
  constexpr double kMicrosecond = 1e-6;
  figures_->produce_seconds.Observe(static_cast<double>(rd_kafka_message_latency(&message)) *
                                    kMicrosecond);
  const Topics::Topic* topic = topics_.Find(std::string_view(rd_kafka_topic_name(message.rkt)));
  pending->Delivered(Topics::NumberOf(*topic, message.partition),
                     static_cast<std::uint64_t>(message.offset));
}

void KafkaWriter::DeadLetterDelivered(const rd_kafka_message_t& message) {
  const bool failed = message.err != RD_KAFKA_RESP_ERR_NO_ERROR;
  queued_copies_.fetch_sub(1);
  (failed ? figures_->dead_letters_not_copied : figures_->dead_letters_copied).Add();
  if (failed && !copies_fail_) {
    spdlog::error("dead letters are not copied to the topic {}: {}",
                  settings_.kafka.dead_letter_topic, rd_kafka_err2str(message.err));
  }
  copies_fail_ = failed;
}

}  // namespace freshet::daemon::kafka
