// The log in Kafka on a broker in memory: what every log does, and what it does when brokers,
// topics or messages are not as they should be.
#include "daemon/kafka/kafka_log.h"

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/kafka/mock_cluster.h"
#include "tests/unit/storage/samples.h"

namespace freshet::daemon::kafka {
namespace {

using std::chrono::milliseconds;
using storage::SampleEvent;
using storage::SampleEvents;
using ::testing::HasSubstr;

constexpr int kPartitions = 3;
constexpr const char* kEvent =
    R"({"userId":"u","itemId":"i","eventType":"view","sentAt":1700000000})";

// What an Append was told.
struct Told {
  std::promise<core::Result<core::Positions>> promise;
  std::future<core::Result<core::Positions>> future = promise.get_future();

  storage::EventLog::Appended Callback() {
    return [this](core::Result<core::Positions> result) { promise.set_value(std::move(result)); };
  }
  core::Result<core::Positions> Get() {
    if (future.wait_for(kPatience) != std::future_status::ready) {
      return core::Error{core::ErrorCode::kDeadline, "Append was not told"};
    }
    return future.get();
  }
};

class KafkaLogTest : public ::testing::Test {
 protected:
  KafkaLogTest() {
    cluster_.MakeTopic("events", kPartitions);
    cluster_.MakeTopic("items", 2);
    cluster_.MakeTopic("users", 1);
    cluster_.MakeTopic("dead", 1);
    settings_.kind = "kafka";
    settings_.kafka.brokers = cluster_.brokers();
    settings_.kafka.events_topics = {"events"};
    settings_.kafka.items_topic = "items";
    settings_.kafka.users_topic = "users";
    // The mock answers a fetch that waits when its time is over, not when there is something.
    settings_.kafka.librdkafka["fetch.wait.max.ms"] = "10";
  }

  void Open(const core::Positions& from = {}) {
    log_.reset();
    auto log = KafkaLog::Open(settings_);
    ASSERT_TRUE(log) << log.error().message;
    log_ = std::move(*log);
    ASSERT_TRUE(log_->Seek(from).ok());
    read_ = from;
  }

  void OpenConnected(const core::Positions& from = {}) {
    Open(from);
    WaitFor([&] { return log_->connected(); });
  }

  core::Positions AppendAll(std::vector<core::LogEntry> entries) {
    Told told;
    const core::Status status = log_->Append(std::move(entries), told.Callback());
    EXPECT_TRUE(status.ok()) << status.error().message;
    if (!status.ok()) return {};
    const auto positions = told.Get();
    EXPECT_TRUE(positions) << positions.error().message;
    return positions ? *positions : core::Positions();
  }

  // Polls until `enough` entries and bad ones are read; what was read.
  storage::LogBatch ReadUntil(std::size_t enough, std::size_t maximum = 256) {
    storage::LogBatch all;
    storage::LogBatch batch;
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (all.entries.size() + all.bad.size() < enough) {
      if (std::chrono::steady_clock::now() > deadline) {
        ADD_FAILURE() << "read " << all.entries.size() << " entries, wanted " << enough;
        break;
      }
      if (!log_->Poll(maximum, milliseconds(100), &batch).ok()) continue;
      std::move(batch.entries.begin(), batch.entries.end(), std::back_inserter(all.entries));
      std::move(batch.bad.begin(), batch.bad.end(), std::back_inserter(all.bad));
      read_ = all.next = batch.next;
    }
    return all;
  }

  // Polls until it fails; the error.
  core::Error PollError() {
    storage::LogBatch batch;
    core::Status status;
    WaitFor([&] {
      status = log_->Poll(256, milliseconds(10), &batch);
      return !status.ok();
    });
    return status.ok() ? core::Error{} : status.error();
  }

  std::uint32_t Number(const std::string& topic, std::int32_t partition) {
    return Topics::NumberOf(*log_->topics().Find(std::string_view(topic)), partition);
  }

  MockCluster cluster_;
  config::LogSettings settings_;
  std::unique_ptr<KafkaLog> log_;
  core::Positions read_;
};

std::vector<core::LogEntry> Sorted(std::vector<core::StampedEntry> stamped) {
  std::vector<core::LogEntry> entries;
  for (auto& each : stamped) entries.push_back(std::move(each.entry));
  std::sort(entries.begin(), entries.end(), [](const auto& left, const auto& right) {
    return std::get<core::Event>(left).item_id < std::get<core::Event>(right).item_id;
  });
  return entries;
}

TEST_F(KafkaLogTest, WhatIsAppendedIsReadAndCovered) {
  OpenConnected();
  const core::Positions positions = AppendAll(SampleEvents(0, 100));
  const auto read = ReadUntil(100);
  std::vector<core::LogEntry> expected = SampleEvents(0, 100);
  std::sort(expected.begin(), expected.end(), [](const auto& left, const auto& right) {
    return std::get<core::Event>(left).item_id < std::get<core::Event>(right).item_id;
  });
  EXPECT_EQ(Sorted(read.entries), expected);
  EXPECT_TRUE(core::Covers(read_, positions));
  EXPECT_EQ(positions.size(), static_cast<std::size_t>(kPartitions));
}

TEST_F(KafkaLogTest, EveryKindOfEntryComesBackFromItsTopic) {
  OpenConnected();
  std::size_t count = 0;
  for (auto& [name, entry] : storage::NamedEntries()) {
    if (auto* event = std::get_if<core::Event>(&entry)) event->time_ms = 1'700'000'000'000;
    AppendAll({entry});
    ++count;
    const auto read = ReadUntil(1);
    ASSERT_EQ(read.entries.size(), 1U) << name;
    EXPECT_EQ(read.entries[0].entry, entry) << name;
  }
}

TEST_F(KafkaLogTest, SeekReadsTheSameAgain) {
  OpenConnected();
  AppendAll(SampleEvents(0, 300));
  const auto first = ReadUntil(300);
  ASSERT_TRUE(log_->Seek({}).ok());
  const auto second = ReadUntil(300, 7);
  EXPECT_EQ(Sorted(first.entries), Sorted(second.entries));
  // From where a reader stopped halfway: the rest, and no entry twice.
  ASSERT_TRUE(log_->Seek({}).ok());
  auto head = ReadUntil(100, 50);
  const core::Positions halfway = read_;
  OpenConnected(halfway);
  auto tail = ReadUntil(300 - head.entries.size());
  std::move(tail.entries.begin(), tail.entries.end(), std::back_inserter(head.entries));
  EXPECT_EQ(Sorted(first.entries), Sorted(head.entries));
}

TEST_F(KafkaLogTest, PollBringsNoMoreThanAskedForButAMessageWhole) {
  OpenConnected();
  std::string body = R"({"trackingId":"t","userId":"u","sessionId":"s","eventList":[)";
  for (int i = 0; i < 10; ++i) {
    if (i > 0) body += ',';
    body += R"({"eventType":"v","sentAt":1700000000,"itemId":"i)" + std::to_string(i) + "\"}";
  }
  body += "]}";
  for (int i = 0; i < 4; ++i) cluster_.Write("events", 0, "u", body.c_str());
  std::size_t total = 0;
  storage::LogBatch batch;
  WaitFor([&] {
    if (!log_->Poll(15, milliseconds(100), &batch).ok()) return false;
    total += batch.entries.size();
    EXPECT_LE(batch.entries.size(), 20U);
    EXPECT_EQ(batch.entries.size() % 10, 0U) << "a position's entries come together";
    return total == 40;
  });
}

TEST_F(KafkaLogTest, PositionsOfOtherTopicsAreKept) {
  OpenConnected({{12345, 678}});
  AppendAll(SampleEvents(0, 1));
  ReadUntil(1);
  EXPECT_EQ(read_.at(12345), 678U);
  EXPECT_FALSE(log_->End()->contains(12345));
}

TEST_F(KafkaLogTest, EndIsWhatPollReaches) {
  OpenConnected();
  AppendAll(SampleEvents(0, 50));
  ReadUntil(50);
  WaitFor([&] {
    storage::LogBatch batch;
    if (log_->Poll(10, milliseconds(10), &batch).ok()) read_ = batch.next;
    const auto end = log_->End();
    std::uint64_t events = 0;
    for (int i = 0; i < kPartitions; ++i) {
      const auto it = end ? end->find(Number("events", i)) : core::Positions::const_iterator();
      if (end && it != end->end()) events += it->second;
    }
    return end && events == 50 && core::Covers(read_, *end);
  });
}

TEST_F(KafkaLogTest, BadMessagesAreToldWithTheirPlaceAndTheStreamGoesOn) {
  settings_.kafka.dead_letter_topic = "dead";
  OpenConnected();
  cluster_.Write("events", 1, "k", "not JSON");
  cluster_.Write("events", 1, "k", kEvent);
  const auto read = ReadUntil(2);
  ASSERT_EQ(read.bad.size(), 1U);
  EXPECT_EQ(read.bad[0].position, (core::Position{Number("events", 1), 0}));
  EXPECT_THAT(read.bad[0].reason, HasSubstr("not valid JSON"));
  EXPECT_EQ(read.bad[0].bytes, "not JSON");
  EXPECT_GT(read.bad[0].received_ms, 0);
  ASSERT_EQ(read.entries.size(), 1U);
  WaitFor([&] { return log_->figures().dead_letters_copied.Get() == 1; });
}

TEST_F(KafkaLogTest, ADeadLetterHasTheOriginalAndWhereItStood) {
  settings_.kafka.dead_letter_topic = "dead";
  OpenConnected();
  cluster_.Write("items", 1, "key", "[1]");
  ReadUntil(1);
  WaitFor([&] { return log_->figures().dead_letters_copied.Get() == 1; });
  log_.reset();

  // The dead letter topic read as if it were one of events: its messages are no events either.
  auto conf = rd_kafka_conf_new();
  std::array<char, 256> words{};
  rd_kafka_conf_set(conf, "bootstrap.servers", cluster_.brokers().c_str(), words.data(), 256);
  rd_kafka_conf_set(conf, "group.id", "test", words.data(), 256);
  const Client client(rd_kafka_new(RD_KAFKA_CONSUMER, conf, words.data(), 256));
  rd_kafka_poll_set_consumer(client.get());
  const PartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), "dead", 0)->offset = 0;
  ASSERT_EQ(rd_kafka_assign(client.get(), list.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
  std::unique_ptr<rd_kafka_message_t, Freed<rd_kafka_message_destroy>> message;
  WaitFor([&] {
    message.reset(rd_kafka_consumer_poll(client.get(), 100));
    return message != nullptr && message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
  });
  const auto letter = ReadDeadLetter(*message);
  ASSERT_TRUE(letter);
  EXPECT_EQ(letter->topic, "items");
  EXPECT_EQ(letter->partition, 1);
  EXPECT_EQ(letter->offset, 0);
  EXPECT_GT(letter->timestamp_ms, 0);
  EXPECT_EQ(letter->key, "key");
  EXPECT_EQ(letter->value, "[1]");
  EXPECT_THAT(letter->reason, HasSubstr("an array"));
}

TEST_F(KafkaLogTest, StartsAtTheLatestWhenToldTo) {
  settings_.kafka.start_at = "latest";
  cluster_.Write("events", 0, "k", kEvent);
  OpenConnected();
  AppendAll(SampleEvents(7, 1));
  const auto read = ReadUntil(1);
  ASSERT_EQ(read.entries.size(), 1U);
  EXPECT_EQ(read.entries[0].entry, SampleEvent(7));
}

TEST_F(KafkaLogTest, WritingIsRefusedWithoutATopicForIt) {
  settings_.kafka.items_topic.clear();
  settings_.kafka.users_topic.clear();
  OpenConnected();
  const core::Status item = log_->Append({core::PutItem{"i", {}}}, {});
  ASSERT_FALSE(item.ok());
  EXPECT_EQ(item.error().code, core::ErrorCode::kInvalidArgument);
  EXPECT_THAT(item.error().message, HasSubstr("log.items_topic is not set"));
  EXPECT_THAT(log_->Append({core::DeleteUser{"u"}}, {}).error().message,
              HasSubstr("log.users_topic is not set"));
}

TEST_F(KafkaLogTest, AFullQueueRefusesAtOnceAndAnAppendIsTakenWhole) {
  settings_.maximum_queued_entries = 10;
  OpenConnected();
  AppendAll(SampleEvents(0, 1));  // the producer knows the topic
  rd_kafka_mock_broker_set_rtt(cluster_.get(), 1, 500);
  Told first;
  ASSERT_TRUE(log_->Append(SampleEvents(1, 8), first.Callback()).ok());
  const core::Status refused = log_->Append(SampleEvents(9, 3), {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, core::ErrorCode::kOverloaded);
  EXPECT_TRUE(first.Get());
  EXPECT_EQ(AppendAll(SampleEvents(9, 50)).size(), static_cast<std::size_t>(kPartitions));
  EXPECT_EQ(ReadUntil(59).entries.size(), 59U);
}

TEST_F(KafkaLogTest, AnEmptyAppendIsAcknowledged) {
  OpenConnected();
  EXPECT_TRUE(AppendAll({}).empty());
}

TEST_F(KafkaLogTest, AnEntryLargerThanAMessageMayBeIsRefused) {
  settings_.kafka.librdkafka["message.max.bytes"] = "1000";
  OpenConnected();
  Told told;
  ASSERT_TRUE(
      log_->Append({core::PutItem{"i", {{"TEXT", std::string(5000, 'x')}}}}, told.Callback()).ok());
  const auto result = told.Get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, core::ErrorCode::kInvalidArgument);
  AppendAll(SampleEvents(0, 1));
}

TEST_F(KafkaLogTest, ABrokerThatGoesAwayIsSaidAndComesBackByItself) {
  OpenConnected();
  AppendAll(SampleEvents(0, 10));
  ReadUntil(10);
  cluster_.Down();
  const core::Error error = PollError();
  EXPECT_EQ(error.code, core::ErrorCode::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr(cluster_.brokers()));
  EXPECT_THAT(error.message, HasSubstr("does not answer"));
  const core::Status refused = log_->Append(SampleEvents(10, 1), {});
  ASSERT_FALSE(refused.ok()) << "no waiting for what is known";
  EXPECT_EQ(refused.error().code, core::ErrorCode::kUnavailable);
  EXPECT_EQ(log_->figures().outages.Get(), 1U);

  cluster_.Up();
  WaitFor([&] { return log_->connected(); });
  AppendAll(SampleEvents(10, 10));
  EXPECT_EQ(ReadUntil(10).entries.size(), 10U);
}

TEST_F(KafkaLogTest, WhatIsNotDeliveredInTimeIsNotAcknowledged) {
  settings_.kafka.delivery_timeout_ms = 1500;
  OpenConnected();
  AppendAll(SampleEvents(0, 1));
  rd_kafka_mock_broker_set_rtt(cluster_.get(), 1, 10'000);
  Told told;
  ASSERT_TRUE(log_->Append(SampleEvents(1, 1), told.Callback()).ok());
  const auto result = told.Get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, core::ErrorCode::kUnavailable);
  EXPECT_THAT(result.error().message, HasSubstr("1500 ms (log.delivery_timeout_ms)"));
  EXPECT_EQ(log_->figures().failed_deliveries.Get(), 1U);
  rd_kafka_mock_broker_set_rtt(cluster_.get(), 1, 0);
}

TEST_F(KafkaLogTest, NoBrokerAtStartIsNamedAndWaitedFor) {
  cluster_.Down();
  Open();
  EXPECT_FALSE(log_->Append(SampleEvents(0, 1), {}).ok());
  EXPECT_FALSE(log_->End());
  EXPECT_THAT(PollError().message, HasSubstr("does not answer: "));
  cluster_.Up();
  WaitFor([&] { return log_->connected(); });
  AppendAll(SampleEvents(0, 1));
  EXPECT_EQ(ReadUntil(1).entries.size(), 1U);
}

TEST_F(KafkaLogTest, NoBrokerAtStartEndsTheStartWhenToldTo) {
  settings_.kafka.when_unreachable = "exit";
  cluster_.Down();
  const auto log = KafkaLog::Open(settings_);
  ASSERT_FALSE(log);
  EXPECT_THAT(log.error().message, HasSubstr(cluster_.brokers()));
  EXPECT_THAT(log.error().message, HasSubstr("Connect"));
  cluster_.Up();
  EXPECT_TRUE(KafkaLog::Open(settings_));
}

TEST_F(KafkaLogTest, ATopicThatIsNotThereIsNamed) {
  rd_kafka_mock_topic_set_error(cluster_.get(), "items", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  Open();
  EXPECT_THAT(PollError().message, HasSubstr("the topic items does not exist at "));
  EXPECT_EQ(log_->Append(SampleEvents(0, 1), {}).error().code, core::ErrorCode::kUnavailable);
  rd_kafka_mock_topic_set_error(cluster_.get(), "items", RD_KAFKA_RESP_ERR_NO_ERROR);
  WaitFor([&] { return log_->connected(); });
}

TEST_F(KafkaLogTest, LostMessagesStopTheReading) {
  OpenConnected();
  const std::uint32_t partition = Number("events", 2);
  Open({{partition, 1000}});
  const core::Error error = PollError();
  EXPECT_THAT(error.message, HasSubstr("events/2: offset 1000"));
  EXPECT_THAT(error.message, HasSubstr("0 to 0"));
  EXPECT_THAT(error.message, HasSubstr("log.when_lost"));
  EXPECT_FALSE(log_->Append(SampleEvents(0, 1), {}).ok()) << "it would never be learned";
  // Another place to begin is another run.
  ASSERT_TRUE(log_->Seek({}).ok());
  WaitFor([&] { return log_->connected(); });
}

// The mock keeps the newest 5 MB of a partition.
TEST_F(KafkaLogTest, WhatRetentionTookIsCountedWhenToldToContinue) {
  settings_.kafka.when_lost = "continue";
  OpenConnected();
  cluster_.Write("events", 0, "k", kEvent);
  ReadUntil(1);
  const core::Positions covered = read_;
  log_.reset();
  const std::string large = R"({"userId":"u","itemId":"i","eventType":"view","sentAt":1)" +
                            std::string(900'000, ' ') + "}";
  for (int i = 0; i < 12; ++i) cluster_.Write("events", 0, "k", large.c_str());
  OpenConnected(covered);
  const auto read = ReadUntil(1);
  const std::uint64_t lost = log_->figures().lost_offsets.Get();
  EXPECT_GT(lost, 0U);
  ASSERT_FALSE(read.entries.empty());
  EXPECT_EQ(read.entries[0].position.offset, 1 + lost);
}

TEST_F(KafkaLogTest, InterruptWakesAPollThatWaits) {
  OpenConnected();
  storage::LogBatch batch;
  WaitFor([&] { return log_->Poll(10, milliseconds(0), &batch).ok() && !batch.next.empty(); });
  auto poll = std::async(std::launch::async, [&] {
    storage::LogBatch waited;
    while (log_->Poll(10, std::chrono::hours(1), &waited).ok() && !waited.next.empty()) return true;
    return false;
  });
  log_->Interrupt();
  ASSERT_EQ(poll.wait_for(kPatience), std::future_status::ready);
  EXPECT_TRUE(poll.get());
}

TEST_F(KafkaLogTest, CloseRefusesMoreAndPollEmptiesWhatIsThere) {
  OpenConnected();
  log_->Close();
  const core::Status status = log_->Append(SampleEvents(0, 1), {});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, core::ErrorCode::kUnavailable);
  storage::LogBatch batch;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(log_->Poll(10, std::chrono::hours(1), &batch).ok()) << "it does not wait";
  }
  EXPECT_TRUE(batch.entries.empty());
}

TEST_F(KafkaLogTest, DestructionTellsWhoWaits) {
  OpenConnected();
  AppendAll(SampleEvents(0, 1));
  rd_kafka_mock_broker_set_rtt(cluster_.get(), 1, 20'000);
  Told told;
  ASSERT_TRUE(log_->Append(SampleEvents(1, 5), told.Callback()).ok());
  log_.reset();
  ASSERT_EQ(told.future.wait_for(milliseconds(0)), std::future_status::ready);
  EXPECT_FALSE(told.future.get());
  rd_kafka_mock_broker_set_rtt(cluster_.get(), 1, 0);
}

TEST_F(KafkaLogTest, ThreadsAppendSideBySide) {
  OpenConnected();
  constexpr std::size_t kThreads = 3;
  constexpr std::size_t kAppends = 100;
  std::atomic<std::size_t> acknowledged = 0;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < kAppends; ++i) {
        EXPECT_TRUE(log_->Append(SampleEvents((t * kAppends + i) * 3, 3),
                                 [&](const core::Result<core::Positions>& result) {
                                   if (result) ++acknowledged;
                                 })
                        .ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto read = ReadUntil(kThreads * kAppends * 3);
  WaitFor([&] { return acknowledged.load() == kThreads * kAppends; });
  const auto entries = Sorted(read.entries);
  EXPECT_EQ(std::adjacent_find(entries.begin(), entries.end()), entries.end());
}

TEST(KafkaSettings, AreRefusedInTheWordsOfTheLibrary) {
  config::KafkaSettings settings;
  settings.brokers = "127.0.0.1:1";
  settings.events_topics = {"events"};
  EXPECT_TRUE(KafkaLog::Check(settings).ok());
  const auto refusal = [&](const std::string& key, const std::string& value) {
    config::KafkaSettings changed = settings;
    changed.librdkafka[key] = value;
    const core::Status status = KafkaLog::Check(changed);
    return status.ok() ? std::string() : status.error().message;
  };
  EXPECT_EQ(refusal("linger.ms", "5"), "");
  EXPECT_THAT(refusal("lingre.ms", "5"),
              HasSubstr("log.librdkafka.lingre.ms: No such configuration property"));
  EXPECT_THAT(refusal("socket.timeout.ms", "x"), HasSubstr("log.librdkafka.socket.timeout.ms: "));
  EXPECT_THAT(refusal("enable.auto.commit", "true"), HasSubstr("Freshet sets this itself"));
  EXPECT_THAT(refusal("bootstrap.servers", "x:1"), HasSubstr("Freshet sets this itself"));
  settings.start_at = "2026-13-01";
  EXPECT_THAT(KafkaLog::Check(settings).error().message, HasSubstr("log.start_at"));
}

}  // namespace
}  // namespace freshet::daemon::kafka
