#include "daemon/kafka/kafka_reader.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <spdlog/spdlog.h>

#include "core/validate.h"
#include "daemon/kafka/client_conf.h"
#include "daemon/kafka/dead_letter.h"
#include "daemon/kafka/kafka_message.h"

namespace freshet::daemon::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Messages taken from the client at once: one chunk of the hand-over.
constexpr std::size_t kMaximumMessages = 512;
constexpr milliseconds kReadWait{250};
constexpr milliseconds kRetryInterval{250};
constexpr milliseconds kAnswerTimeout{3000};
constexpr milliseconds kEndsInterval{100};
constexpr milliseconds kCommitWait{500};
// As the checkpoint keeps them; the dead letter topic has all.
constexpr std::size_t kMaximumBadBytes = 64 * 1024;

bool IsTime(std::int64_t time_ms) { return time_ms >= 0 && time_ms <= core::kMaximumTimeMs; }

std::int64_t NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(now).count();
}

std::optional<std::string_view> ViewOf(const void* bytes, std::size_t size) {
  if (bytes == nullptr) return std::nullopt;
  return std::string_view(static_cast<const char*>(bytes), size);
}

}  // namespace

core::Result<std::unique_ptr<KafkaReader>> KafkaReader::Start(const config::KafkaSettings& settings,
                                                              const Parts& parts) {
  std::unique_ptr<KafkaReader> reader(new KafkaReader(settings, parts));
  core::Result<StartPositions> start = StartPositions::Of(settings, parts.topics);
  if (!start) return start.error();
  reader->start_ = *start;
  FRESHET_RETURN_IF_ERROR(reader->MakeConsumer());
  reader->thread_ = std::thread([self = reader.get()] { self->Loop(); });
  return reader;
}

core::Status KafkaReader::MakeConsumer() {
  core::Result<Conf> conf = ConsumerConf(settings_);
  if (!conf) return conf.error();
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_error_cb(conf->get(), OnError);
  rd_kafka_conf_set_offset_commit_cb(conf->get(), OnCommit);
  core::Result<Client> client = MakeClient(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!client) return client.error();
  consumer_ = std::move(*client);
  rd_kafka_poll_set_consumer(consumer_.get());
  queue_.reset(rd_kafka_queue_get_consumer(consumer_.get()));
  cluster_.emplace(consumer_.get(), parts_.topics, settings_.brokers, parts_.health);
  lookout_.emplace([this] { return cluster_->Partitions(kAnswerTimeout); }, Lookout::Pauses());
  messages_.resize(kMaximumMessages);
  return {};
}

KafkaReader::~KafkaReader() {
  if (!thread_.joinable()) return;  // nothing was started
  Close();
  thread_.join();
  const auto deadline = steady_clock::now() + kCommitWait;
  while (committing_.load() && steady_clock::now() < deadline) {
    rd_kafka_message_t* message = rd_kafka_consume_queue(queue_.get(), 20);
    if (message != nullptr) rd_kafka_message_destroy(message);
  }
}

void KafkaReader::Seek(const core::Positions& from) {
  const std::uint64_t number = parts_.out.Restart(from);
  {
    const std::lock_guard lock(mutex_);
    sought_ = Run{number, from};
    end_.reset();
  }
  changed_.notify_all();
  rd_kafka_queue_yield(queue_.get());
}

core::Result<core::Positions> KafkaReader::End() const {
  const std::lock_guard lock(mutex_);
  if (!end_) return core::Unavailable("the brokers have not said yet where the topics end");
  return *end_;
}

void KafkaReader::Commit(const core::Positions& covered) {
  if (!parts_.health.connected() || committing_.exchange(true)) return;
  const PartitionList list = ListOf(parts_.topics, covered);
  const rd_kafka_resp_err_t error = list->cnt == 0
                                        ? RD_KAFKA_RESP_ERR__NO_OFFSET
                                        : rd_kafka_commit(consumer_.get(), list.get(), 1);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) committing_.store(false);
}

void KafkaReader::Close() {
  {
    const std::lock_guard lock(mutex_);
    stop_.store(true);
  }
  changed_.notify_all();
  lookout_->Close();
  parts_.out.Close();
  rd_kafka_queue_yield(queue_.get());
}

void KafkaReader::Loop() {
  while (!stop_.load()) {
    if (!TakeSeek()) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_.load() || sought_; });
    } else if (!assigned_) {
      TryAssign();
    } else {
      Read();
      HearLookout();
    }
  }
}

bool KafkaReader::TakeSeek() {
  const std::lock_guard lock(mutex_);
  if (sought_) {
    run_ = *std::exchange(sought_, std::nullopt);
    assigned_ = false;
    lost_ = false;
    at_end_.clear();
  }
  return run_.number != 0 && !lost_;
}

void KafkaReader::Sleep(milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [&] { return stop_.load() || sought_; });
}

void KafkaReader::TryAssign() {
  core::Status status = Assign();
  if (status.ok()) {
    assigned_ = true;
    lookout_->Restart();
    return NoteAnswer();
  }
  // Serves the client's callbacks, which know why. What was read ahead is read again.
  if (rd_kafka_message_t* message = rd_kafka_consume_queue(queue_.get(), 0); message != nullptr) {
    rd_kafka_message_destroy(message);
  }
  if (status.error().code == core::ErrorCode::kDeadline) {
    status = cluster_->NoAnswer(RD_KAFKA_RESP_ERR__TIMED_OUT);
  }
  NoteOutage(status.error());
  if (!lost_) Sleep(kRetryInterval);
}

core::Status KafkaReader::Assign() {
  const core::Result<core::Positions> partitions = cluster_->Partitions(kAnswerTimeout);
  if (!partitions) return partitions.error();
  FRESHET_RETURN_IF_ERROR(CheckDeadLetterTopic());
  FRESHET_RETURN_IF_ERROR(Resolve(*partitions));
  core::Positions assigned;
  for (const auto& [partition, ignored] : *partitions) assigned[partition] = run_.next[partition];
  const PartitionList list = ListOf(parts_.topics, assigned);
  const rd_kafka_resp_err_t error = rd_kafka_assign(consumer_.get(), list.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return ErrorOf(error, "the partitions' assignment");
  Chunk chunk;
  chunk.next = assigned;
  parts_.out.Push(run_.number, std::move(chunk));
  return {};
}

// At the start only: a topic that goes away later does not stop the stream.
core::Status KafkaReader::CheckDeadLetterTopic() {
  if (settings_.dead_letter_topic.empty() || dead_letter_topic_seen_) return {};
  const core::Result<std::int32_t> count =
      cluster_->PartitionCount(settings_.dead_letter_topic, kAnswerTimeout);
  if (!count) return count.error();
  dead_letter_topic_seen_ = true;
  return {};
}

core::Status KafkaReader::Resolve(const core::Positions& partitions) {
  const core::Result<core::Positions> earliest = cluster_->Earliest(partitions);
  if (!earliest) return earliest.error();
  const core::Result<core::Positions> latest = cluster_->Latest(partitions);
  if (!latest) return latest.error();

  const core::Positions unread = start_->Unread(partitions, run_.next);
  core::Positions first = *earliest;
  if (!unread.empty() && start_->time_ms()) {
    core::Result<core::Positions> since = cluster_->Since(*start_->time_ms(), unread);
    if (!since) return since.error();
    for (const auto& [partition, offset] : *since) first[partition] = offset;
  } else if (start_->from_latest()) {
    for (const auto& [partition, ignored] : unread) first[partition] = latest->at(partition);
  }

  for (const StartPositions::Gap& gap : StartPositions::Gaps(run_.next, *earliest, *latest)) {
    const std::string words = start_->Describe(gap);
    if (settings_.when_lost == "stop") {
      lost_ = true;
      return {core::Error{core::ErrorCode::kNotFound, "messages are lost: " + words}};
    }
    spdlog::error("messages are lost, going on at offset {}: {}", gap.earliest, words);
    if (gap.earliest > gap.wanted) parts_.figures.lost_offsets.Add(gap.earliest - gap.wanted);
    run_.next[gap.partition] = gap.earliest;
  }
  for (const auto& [partition, offset] : first) run_.next.emplace(partition, offset);
  const std::lock_guard lock(mutex_);
  if (!sought_) end_ = *latest;
  return {};
}

void KafkaReader::NoteOutage(const core::Error& why) {
  if (!out_) parts_.figures.outages.Add();
  out_ = true;
  const core::Error unavailable = core::Unavailable(why.message);
  parts_.health.Set(unavailable);
  parts_.out.Fail(unavailable);
}

void KafkaReader::NoteAnswer() {
  out_ = false;
  parts_.health.Set({});
  parts_.out.Fail({});
}

// The first message is waited for, the others are those that are there: the client would otherwise
// wait for the array to fill.
void KafkaReader::Read() {
  messages_[0] = rd_kafka_consume_queue(queue_.get(), static_cast<int>(kReadWait.count()));
  std::size_t count = messages_[0] == nullptr ? 0 : 1;
  if (count == 1) {
    const ssize_t more =
        rd_kafka_consume_batch_queue(queue_.get(), 0, messages_.data() + 1, messages_.size() - 1);
    if (more > 0) count += static_cast<std::size_t>(more);
  }
  if (count > 0) {
    Chunk chunk;
    chunk.entries.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      Take(*messages_[i], &chunk);
      rd_kafka_message_destroy(messages_[i]);
    }
    parts_.figures.bytes.Add(chunk.bytes);
    parts_.out.Push(run_.number, std::move(chunk));
  }
  NoteEnds();
}

void KafkaReader::Take(const rd_kafka_message_t& message, Chunk* chunk) {
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return TakeEvent(message, chunk);
  const Topics::Topic* topic = TopicOf(message);
  if (topic == nullptr) return;
  const core::Position position{Topics::NumberOf(*topic, message.partition),
                                static_cast<std::uint64_t>(message.offset)};
  std::uint64_t& next = run_.next[position.partition];
  if (position.offset < next) return;  // of an assignment before this
  next = position.offset + 1;
  if (!at_end_.empty()) at_end_.erase(position.partition);
  const std::int64_t timestamp_ms = rd_kafka_message_timestamp(&message, nullptr);
  const bool has_time = IsTime(timestamp_ms);
  const std::int64_t received_ms = has_time ? timestamp_ms : NowMs();
  decoded_.clear();
  const core::Status decoded = DecodeMessage({topic->kind, ViewOf(message.key, message.key_len),
                                              ViewOf(message.payload, message.len), received_ms},
                                             &decoded_);
  if (!decoded.ok()) TakeBad(message, position, decoded.error().message, chunk);
  for (core::LogEntry& entry : decoded_) {
    const std::int64_t when = has_time ? received_ms : ReceivedWithoutTimestamp(entry, received_ms);
    chunk->entries.push_back({position, when, std::move(entry)});
  }
  chunk->next[position.partition] = next;
  chunk->bytes += message.len + message.key_len;
  parts_.figures.messages.Add();
}

void KafkaReader::TakeBad(const rd_kafka_message_t& message, core::Position position,
                          std::string reason, Chunk* chunk) {
  parts_.writer.CopyDeadLetter(MakeDeadLetter(message, reason));
  const std::string_view bytes = ViewOf(message.payload, message.len).value_or("");
  chunk->bad.push_back({position, rd_kafka_message_timestamp(&message, nullptr), std::move(reason),
                        std::string(bytes.substr(0, kMaximumBadBytes))});
}

void KafkaReader::TakeEvent(const rd_kafka_message_t& message, Chunk* chunk) {
  const Topics::Topic* topic = message.rkt == nullptr ? nullptr : TopicOf(message);
  if (topic != nullptr && message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    // Behind control records and aborted transactions, which are no messages.
    const std::uint32_t partition = Topics::NumberOf(*topic, message.partition);
    run_.next[partition] = static_cast<std::uint64_t>(message.offset);
    chunk->next[partition] = run_.next[partition];
    at_end_.insert(partition);
    return;
  }
  spdlog::warn("reading {}: {}", topic == nullptr ? "the topics" : topic->name,
               rd_kafka_message_errstr(&message));
  // Whatever it is, looking at all of it anew finds out: what is gone, what may not be read.
  if (topic != nullptr) assigned_ = false;
}

const Topics::Topic* KafkaReader::TopicOf(const rd_kafka_message_t& message) {
  if (message.rkt != last_handle_) {
    last_topic_ = parts_.topics.Find(std::string_view(rd_kafka_topic_name(message.rkt)));
    last_handle_ = message.rkt;
  }
  return last_topic_;
}

void KafkaReader::NoteEnds() {
  const auto now = steady_clock::now();
  if (now < next_ends_) return;
  next_ends_ = now + kEndsInterval;
  core::Positions ends;
  for (const auto& [partition, next] : run_.next) {
    const Topics::Topic* topic = parts_.topics.Find(partition);
    if (topic == nullptr) continue;
    std::int64_t low = 0;
    std::int64_t high = 0;
    const auto error = rd_kafka_get_watermark_offsets(consumer_.get(), topic->name.c_str(),
                                                      Topics::PartitionOf(partition), &low, &high);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR || high < 0) continue;
    // At the end of what can be read: open transactions behind it are not waited for.
    const auto end = static_cast<std::uint64_t>(high);
    const bool is_at_end = at_end_.contains(partition);
    ends[partition] = is_at_end ? next : std::max(next, end);
    if (is_at_end) {
      standstills_.See(partition, next, end, now);
    } else {
      standstills_.Forget(partition);
    }
  }
  const std::lock_guard lock(mutex_);
  if (!end_ || sought_) return;
  for (const auto& [partition, end] : ends) (*end_)[partition] = end;
}

void KafkaReader::HearLookout() {
  const std::optional<Lookout::Found> found = lookout_->Take();
  if (!found || !assigned_) return;
  if (!*found) return NoteOutage(found->error());
  NoteAnswer();
  for (const auto& [partition, ignored] : **found) {
    if (run_.next.contains(partition)) continue;
    spdlog::info("{} is new, reading it from its beginning", parts_.topics.NameOf(partition));
    assigned_ = false;
  }
}

void KafkaReader::OnError(rd_kafka_t*, int error, const char* reason, void* self) {
  auto* reader = static_cast<KafkaReader*>(self);
  // That all are down says less than why one is.
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    reader->lookout_->Hurry();
  } else {
    reader->parts_.health.Hear(reason);
  }
}

void KafkaReader::OnCommit(rd_kafka_t*, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t*,
                           void* self) {
  auto* reader = static_cast<KafkaReader*>(self);
  reader->committing_.store(false);
  const bool fails = error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR__NO_OFFSET;
  if (fails && !reader->commits_fail_.load()) {
    spdlog::warn("positions are not committed to the group {}, tools will not see the lag: {}",
                 reader->settings_.group_id, rd_kafka_err2str(error));
  }
  reader->commits_fail_.store(fails);
}

}  // namespace freshet::daemon::kafka
