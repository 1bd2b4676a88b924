#include "daemon/kafka/kafka_message.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/validate.h"
#include "tests/unit/storage/samples.h"

namespace freshet::daemon::kafka {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kReceived = 1'700'000'000'000;

std::vector<core::LogEntry> Decode(TopicKind kind, std::optional<std::string_view> key,
                                   std::optional<std::string_view> value) {
  std::vector<core::LogEntry> entries;
  const core::Status status = DecodeMessage({kind, key, value, kReceived}, &entries);
  EXPECT_TRUE(status.ok()) << status.error().message;
  return entries;
}

std::string Refusal(const MessageView& message) {
  std::vector<core::LogEntry> entries(1);
  const core::Status status = DecodeMessage(message, &entries);
  EXPECT_EQ(entries.size(), 1U) << "what was there stays";
  if (status.ok()) return "none";
  EXPECT_EQ(status.error().code, core::ErrorCode::kInvalidArgument);
  return status.error().message;
}

std::string Refusal(TopicKind kind, std::optional<std::string_view> key,
                    std::optional<std::string_view> value) {
  return Refusal({kind, key, value, kReceived});
}

void ExpectRoundTrip(const core::LogEntry& entry) {
  ASSERT_TRUE(core::Validate(entry).ok()) << core::Validate(entry).error().message;
  const Message message = EncodeMessage(entry);
  const auto decoded = Decode(message.kind, message.key, message.value);
  ASSERT_EQ(decoded.size(), 1U);
  EXPECT_EQ(decoded[0], entry) << message.value.value_or("(none)");
}

core::Event SmallEvent() {
  core::Event event;
  event.user_id = "u";
  event.item_id = "i";
  event.event_type = "view";
  event.time_ms = kReceived;
  return event;
}

TEST(KafkaMessage, EveryKindOfEntryComesBack) {
  for (auto& [name, entry] : storage::NamedEntries()) {
    if (auto* event = std::get_if<core::Event>(&entry); event != nullptr && event->time_ms < 0) {
      event->time_ms = 0;
    }
    SCOPED_TRACE(name);
    ExpectRoundTrip(entry);
  }
}

TEST(KafkaMessage, HardTextsComeBack) {
  for (const std::string& text :
       {std::string("\"quoted\\\""), std::string("a\nb\tc\x01"), std::string("\x7f"),
        std::string("\xF0\x9F\x8D\x92|\xC3\xA9"), std::string(256, 'x'), std::string("nu\0l", 4),
        std::string("{\"a\":1}"), std::string("null")}) {
    core::Event event = SmallEvent();
    event.user_id = event.session_id = event.item_id = event.event_type = event.event_id = text;
    event.impression = {text, "b"};
    event.properties = R"({"a" : "\u00e9\n", "b":[1,{"c":null}]})";
    event.attribution_source = "\"mail\\ ~";
    ExpectRoundTrip(event);
    ExpectRoundTrip(core::PutItem{text, {{"A__B", text}, {"\xC3\x89T\xC3\x89", true}}});
    ExpectRoundTrip(
        core::PutUser{text, {{"_A", text}, {"A_", *core::Number::Parse("1")}, {"A1_2B", false}}});
    ExpectRoundTrip(core::DeleteItem{text});
    ExpectRoundTrip(core::DeleteUser{text});
  }
}

TEST(KafkaMessage, HardTimesComeBack) {
  for (const std::int64_t time_ms :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{999}, std::int64_t{99'999'999'999},
        std::int64_t{100'000'000'000}, std::int64_t{253'402'300'800}, std::int64_t{299'999'999'999},
        std::int64_t{999'999'999'999}, std::int64_t{1'000'000'000'000},
        std::int64_t{1'586'731'606'123}, core::kMaximumTimeMs}) {
    core::Event event = SmallEvent();
    event.time_ms = time_ms;
    ExpectRoundTrip(event);
  }
}

TEST(KafkaMessage, EveryFiniteNumberComesBack) {
  std::vector<double> numbers = {0.1,
                                 0.3,
                                 1e300,
                                 -1e-300,
                                 5e-324,
                                 9007199254740993.0,
                                 std::numeric_limits<double>::max(),
                                 std::numeric_limits<double>::min(),
                                 1.0 / 3};
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t bits = random();
    double number = 0;
    std::memcpy(&number, &bits, sizeof(number));
    if (std::isfinite(number)) numbers.push_back(number);
    numbers.push_back(std::uniform_real_distribution<double>(0, 1000)(random));
  }
  for (const double number : numbers) {
    core::Event event = SmallEvent();
    event.value = number;
    ExpectRoundTrip(event);
    std::array<char, 32> text{};
    const char* end = std::to_chars(text.begin(), text.end(), number).ptr;
    const auto price =
        core::Number::Parse({text.data(), static_cast<std::size_t>(end - text.data())});
    ASSERT_TRUE(price.has_value()) << number;
    ExpectRoundTrip(core::PutItem{"i", {{"PRICE", *price}}});
    if (HasFailure()) break;
  }
}

TEST(KafkaMessage, AnEventTakesTheMessagesTimeWhenItHasNone) {
  const auto entries =
      Decode(TopicKind::kEvents, "k", R"({"userId":"u","itemId":"i","eventType":"view"})");
  EXPECT_EQ(std::get<core::Event>(entries.at(0)).time_ms, kReceived);
}

TEST(KafkaMessage, AByteOrderMarkIsDropped) {
  EXPECT_EQ(Decode(TopicKind::kEvents, "k",
                   "\xEF\xBB\xBF{\"userId\":\"u\",\"itemId\":\"i\",\"eventType\":\"view\"}")
                .size(),
            1U);
  EXPECT_EQ(Decode(TopicKind::kItems, "i", "\xEF\xBB\xBF{\"properties\":{}}").size(), 1U);
  EXPECT_THAT(Refusal(TopicKind::kItems, "i", "\xEF\xBB\xBF\xEF\xBB\xBF{}"),
              HasSubstr("not valid JSON"));
}

TEST(KafkaMessage, AnEnvelopeAroundNoRowDeletesTheRecord) {
  for (const char* value : {R"({"schema":{"type":"struct"},"payload":null})",
                            R"({"before":{"itemId":"i"},"after":null,"op":"d"})"}) {
    EXPECT_EQ(Decode(TopicKind::kItems, "i", value).at(0), core::LogEntry(core::DeleteItem{"i"}));
    EXPECT_THAT(Refusal(TopicKind::kEvents, "i", value), HasSubstr("holds no event"));
  }
}

TEST(KafkaMessage, APutEventsBodyHoldsSeveral) {
  const auto entries = Decode(TopicKind::kEvents, std::nullopt,
                              R"({"trackingId":"t","userId":"u","sessionId":"s","eventList":[
          {"eventType":"view","sentAt":1700000000,"itemId":"a"},
          {"eventType":"buy","sentAt":1700000001,"properties":"{\"itemId\":\"b\"}"}]})");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(std::get<core::Event>(entries[0]).item_id, "a");
  EXPECT_EQ(std::get<core::Event>(entries[1]).item_id, "b");
  EXPECT_EQ(std::get<core::Event>(entries[1]).session_id, "s");
}

TEST(KafkaMessage, OneBadEventOfABodyRefusesItWhole) {
  EXPECT_THAT(Refusal(TopicKind::kEvents, "k",
                      R"({"trackingId":"t","sessionId":"s","eventList":[
                          {"eventType":"view","sentAt":1700000000,"itemId":"a"},
                          {"eventType":"view","itemId":"a"}]})"),
              HasSubstr("eventList[1].sentAt is missing"));
}

TEST(KafkaMessage, AnItemsPropertiesAreAnObjectOrItsText) {
  const core::LogEntry expected =
      core::PutItem{"i", {{"PRICE", *core::Number::Parse("2.5")}, {"GENRES", "a|b"}}};
  for (const char* value :
       {R"({"itemId":"i","properties":{"price":2.5,"genres":"a|b"}})",
        R"({"properties":{"PRICE":2.5,"GENRES":["a","b"]}})",
        R"({"itemId":"i","properties":"{\"price\":2.5,\"genres\":\"a|b\"}"})"}) {
    EXPECT_EQ(Decode(TopicKind::kItems, "i", value).at(0), expected) << value;
  }
  EXPECT_EQ(Decode(TopicKind::kItems, std::nullopt, R"({"itemId":"i"})").at(0),
            core::LogEntry(core::PutItem{"i", {}}));
}

TEST(KafkaMessage, AMessageWithoutValueDeletes) {
  EXPECT_EQ(Decode(TopicKind::kItems, "i", std::nullopt).at(0),
            core::LogEntry(core::DeleteItem{"i"}));
  EXPECT_EQ(Decode(TopicKind::kUsers, "u", std::nullopt).at(0),
            core::LogEntry(core::DeleteUser{"u"}));
}

TEST(KafkaMessage, WhatIsRefusedSaysWhy) {
  const auto items = TopicKind::kItems;
  EXPECT_THAT(Refusal(TopicKind::kEvents, "k", "{"), HasSubstr("not valid JSON"));
  EXPECT_THAT(Refusal(TopicKind::kEvents, "k", ""), HasSubstr("there is no text"));
  EXPECT_THAT(Refusal(TopicKind::kEvents, "k", "[]"), HasSubstr("an array"));
  EXPECT_THAT(Refusal(TopicKind::kEvents, "k", std::nullopt), HasSubstr("has no value"));
  EXPECT_THAT(Refusal(TopicKind::kEvents, "k", R"({"userId":"u","eventType":"v"})"),
              HasSubstr("itemId is missing"));
  EXPECT_THAT(Refusal(items, "a", R"({"itemId":"b","properties":{}})"),
              HasSubstr("the key is a, but itemId is b"));
  EXPECT_THAT(Refusal(items, std::nullopt, R"({"properties":{}})"), HasSubstr("no key and no"));
  EXPECT_THAT(Refusal(items, std::nullopt, std::nullopt), HasSubstr("no key and no itemId"));
  EXPECT_THAT(Refusal(items, "\xFF", std::nullopt), HasSubstr("not valid UTF-8"));
  EXPECT_THAT(Refusal(items, std::string(257, 'x'), std::nullopt), HasSubstr("the limit is 256"));
  EXPECT_THAT(Refusal(items, "i", R"({"itemId":"i","price":3})"),
              HasSubstr("\"price\" is not a member of an item's record; metadata stand in"));
  EXPECT_THAT(Refusal(items, "i", R"({"properties":{"a":{"b":1}}})"), HasSubstr("is an object"));
  EXPECT_THAT(Refusal(TopicKind::kUsers, "a", R"({"userId":"b"})"),
              HasSubstr("the key is a, but userId is b"));
}

TEST(KafkaMessage, WithoutATimestampAnEventIsReceivedAtItsOwnTime) {
  core::Event event = SmallEvent();
  EXPECT_EQ(ReceivedWithoutTimestamp(event, kReceived + 5), kReceived);
  event.time_ms = kReceived + 10;
  EXPECT_EQ(ReceivedWithoutTimestamp(event, kReceived + 5), kReceived + 5) << "none is of later";
  EXPECT_EQ(ReceivedWithoutTimestamp(core::DeleteItem{"i"}, kReceived + 5), kReceived + 5);
}

TEST(KafkaMessage, ATombstoneWithTheKeyOfASerializerDeletes) {
  for (const char* key :
       {"lamp", R"("lamp")", R"({"itemId":"lamp"})", R"({"id":"lamp"})",
        R"({"itemId":"lamp","shop":3})", R"({"schema":{"type":"string"},"payload":"lamp"})",
        R"({"schema":{"type":"struct"},"payload":{"itemId":"lamp"}})"}) {
    EXPECT_EQ(Decode(TopicKind::kItems, key, std::nullopt).at(0),
              core::LogEntry(core::DeleteItem{"lamp"}))
        << key;
    EXPECT_EQ(Decode(TopicKind::kItems, key, R"({"itemId":"lamp","properties":{}})").at(0),
              core::LogEntry(core::PutItem{"lamp", {}}))
        << key;
  }
  EXPECT_EQ(Decode(TopicKind::kUsers, R"({"id":9007199254740993})", std::nullopt).at(0),
            core::LogEntry(core::DeleteUser{"9007199254740993"}));
}

TEST(KafkaMessage, ATombstoneWhoseKeyNamesNoSingleIdIsRefused) {
  for (const char* key : {R"({"shop":3,"item":"lamp"})", R"(["lamp"])", "{}", R"({"itemId":null})",
                          R"({"payload":{"a":1,"b":2},"schema":null})"}) {
    EXPECT_THAT(Refusal(TopicKind::kItems, key, std::nullopt),
                HasSubstr("names no single itemId: write the id itself as the key"))
        << key;
  }
  EXPECT_THAT(Refusal(TopicKind::kUsers, R"("")", std::nullopt), HasSubstr("the key"));
}

TEST(KafkaMessage, TheSchemaRegistrysFramingIsNamed) {
  const std::string framed("\0\0\0\0\x07{}", 7);
  EXPECT_THAT(
      Refusal(TopicKind::kItems, framed, std::nullopt),
      HasSubstr("the key begins with a zero byte and the number 7, as the Schema Registry"));
  EXPECT_THAT(Refusal(TopicKind::kEvents, "u", framed), HasSubstr("the value begins with a zero"));
  EXPECT_THAT(Refusal(TopicKind::kItems, "i", framed),
              HasSubstr("value.converter.schemas.enable=false"));
}

TEST(KafkaMessage, EventsAreKeyedByUserElseBySession) {
  core::Event event = SmallEvent();
  event.session_id = "s";
  EXPECT_EQ(EncodeMessage(event).key, "u");
  event.user_id.clear();
  EXPECT_EQ(EncodeMessage(event).key, "s");
}

}  // namespace
}  // namespace freshet::daemon::kafka
