#include "tools/kafka_sink.h"

#include <utility>

#include "daemon/kafka/cluster.h"
#include "daemon/kafka/kafka_message.h"

namespace freshet::tools {
namespace {

namespace kafka = daemon::kafka;

constexpr std::size_t kBatchEntries = 512;
// Enough for the brokers never to wait for the parser.
constexpr std::size_t kMostUnderWay = 64 * kBatchEntries;
constexpr std::int64_t kAnyTime = 0;

}  // namespace

core::Result<std::unique_ptr<KafkaSink>> KafkaSink::Open(const config::LogSettings& settings,
                                                         RejectedRows* rejected) {
  core::Result<kafka::Topics> topics = kafka::Topics::Of(settings.kafka);
  if (!topics) return topics.error();
  FRESHET_RETURN_IF_ERROR(kafka::CheckCluster(settings.kafka, *topics));
  std::unique_ptr<KafkaSink> sink(new KafkaSink(std::move(*topics), rejected));
  config::LogSettings bulk = settings;
  bulk.maximum_queued_entries = 2 * kMostUnderWay;
  sink->health_.Set({});
  auto writer = kafka::KafkaWriter::Start(bulk, sink->topics_, &sink->health_, &sink->figures_);
  if (!writer) return writer.error();
  sink->writer_ = std::move(*writer);
  return sink;
}

core::Status KafkaSink::Add(core::LogEntry&& entry, const RowOrigin& origin) {
  const kafka::Message message = kafka::EncodeMessage(entry);
  read_back_.clear();
  const core::Status read =
      kafka::DecodeMessage({message.kind, message.key, message.value, kAnyTime}, &read_back_);
  if (!read.ok() || read_back_.size() != 1 || read_back_.front() != entry) {
    return rejected_->Add(origin.file, origin.line,
                          read.ok() ? "would not be read back as it is" : read.error().message,
                          origin.text);
  }
  batch_.push_back(std::move(entry));
  return batch_.size() < kBatchEntries ? core::Status() : WriteBatch();
}

core::Status KafkaSink::WriteBatch() {
  const std::size_t count = batch_.size();
  {
    std::unique_lock lock(mutex_);
    less_under_way_.wait(lock, [&] { return failure_ || under_way_ + count <= kMostUnderWay; });
    if (failure_) return *failure_;
    under_way_ += count;
  }
  const std::vector<core::LogEntry> batch = std::exchange(batch_, {});
  core::Status queued = writer_->Append(
      batch,
      [this, count](const core::Result<core::Positions>& result) { OnWritten(count, result); });
  // A refused batch is not under way, or Flush would wait for it for ever.
  if (!queued.ok()) OnWritten(count, queued.error());
  return queued;
}

void KafkaSink::OnWritten(std::size_t entries, const core::Result<core::Positions>& result) {
  const std::lock_guard lock(mutex_);
  under_way_ -= entries;
  if (result) {
    acknowledged_ += entries;
  } else {
    failed_ += entries;
    if (!failure_) failure_ = result.error();
  }
  less_under_way_.notify_one();
}

core::Status KafkaSink::Flush() {
  if (!batch_.empty()) FRESHET_RETURN_IF_ERROR(WriteBatch());
  std::unique_lock lock(mutex_);
  less_under_way_.wait(lock, [&] { return under_way_ == 0; });
  return failure_ ? core::Status(*failure_) : core::Status();
}

std::uint64_t KafkaSink::acknowledged() const {
  const std::lock_guard lock(mutex_);
  return acknowledged_;
}

std::uint64_t KafkaSink::unanswered() const {
  const std::lock_guard lock(mutex_);
  return failed_ + under_way_ + batch_.size();
}

}  // namespace freshet::tools
