#include "daemon/event_json.h"

#include <cmath>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/validate.h"
#include "daemon/column_json.h"
#include "daemon/put_json.h"
#include "daemon/record_json.h"

namespace freshet::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::int64_t kNow = 1'700'000'000'000;

std::string EventWith(const std::string& members) {
  return R"({"userId":"u","sessionId":"s","itemId":"i","eventType":"view","sentAt":1553631760)" +
         (members.empty() ? "" : "," + members) + "}";
}

std::string ErrorOf(const std::string& json) {
  const core::Result<core::Event> event = DecodeEvent(json, kNow);
  if (event) return "no error";
  EXPECT_EQ(event.error().code, core::ErrorCode::kInvalidArgument);
  return event.error().message;
}

std::string PutError(const std::string& json) {
  const auto entries = DecodePutEvents(json);
  return entries ? "no error" : entries.error().message;
}

std::string PutEvents(const std::string& events) {
  return R"({"trackingId":"t","userId":"u","sessionId":"s","eventList":[)" + events + "]}";
}

TEST(DecodeEvent, ReadsEveryMember) {
  const auto event = DecodeEvent(
      R"({"userId":"u","sessionId":"s","itemId":"i","eventType":"view","eventValue":4.5,
          "sentAt":1553631760.123,"eventId":"e","properties":"{\"a\":1}","recommendationId":"RID",
          "impression":["a","b"],"metricAttribution":{"eventAttributionSource":"mail"}})",
      kNow);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->user_id, "u");
  EXPECT_EQ(event->session_id, "s");
  EXPECT_EQ(event->item_id, "i");
  EXPECT_EQ(event->event_type, "view");
  EXPECT_EQ(event->value, 4.5);
  EXPECT_EQ(event->time_ms, 1'553'631'760'123);
  EXPECT_EQ(event->event_id, "e");
  EXPECT_EQ(event->properties, R"({"a":1})");
  EXPECT_EQ(event->recommendation_id, "RID");
  EXPECT_THAT(event->impression, ElementsAre("a", "b"));
  EXPECT_EQ(event->attribution_source, "mail");
  EXPECT_TRUE(core::Validate(core::LogEntry(*event)).ok());
}

TEST(DecodeEvent, TakesTheTimeOfReceiptWithoutSentAt) {
  const auto event = DecodeEvent(R"({"userId":"u","itemId":"i","eventType":"v"})", kNow);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->time_ms, kNow);
}

TEST(DecodeEvent, TreatsNullAsAbsent) {
  const auto event = DecodeEvent(
      R"({"userId":"u","sessionId":null,"itemId":"i","eventType":"v","eventValue":null,
          "eventId":null,"properties":null,"impression":null,"sentAt":null})",
      kNow);
  ASSERT_TRUE(event);
  EXPECT_TRUE(event->session_id.empty());
  EXPECT_FALSE(event->value);
}

TEST(DecodeEvent, ReadsItemAndValueFromPropertiesThatAreText) {
  const auto event = DecodeEvent(
      R"({"sessionId":"s","eventType":"v","properties":"{\"itemId\":\"choc\",\"eventValue\":\"4\"}"})",
      kNow);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->item_id, "choc");
  EXPECT_EQ(event->value, 4.0);
}

TEST(DecodeEvent, ReadsItemAndValueFromPropertiesThatAreAnObject) {
  const auto event = DecodeEvent(
      R"({"sessionId":"s","eventType":"v","properties":{"itemId":7,"eventValue":4}})", kNow);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->item_id, "7");
  EXPECT_EQ(event->value, 4.0);
  EXPECT_EQ(event->properties, R"({"itemId":7,"eventValue":4})");
}

TEST(DecodeEvent, TopLevelWinsOverProperties) {
  const auto event =
      DecodeEvent(EventWith(R"("eventValue":1,"properties":{"itemId":"other","eventValue":2})"), 0);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->item_id, "i");
  EXPECT_EQ(event->value, 1.0);
}

TEST(DecodeEvent, PassesOverAnEventValueInPropertiesThatIsNoNumber) {
  const auto event = DecodeEvent(EventWith(R"("properties":"{\"eventValue\":\"true\"}")"), 0);
  ASSERT_TRUE(event);
  EXPECT_FALSE(event->value);
}

TEST(DecodeEvent, RefusesPropertiesThatBelongToTheEvent) {
  for (const char* name :
       {"userId", "SESSIONID", "eventtype", "timestamp", "RecommendationId", "impression"}) {
    const std::string error =
        ErrorOf(EventWith(std::string(R"("properties":{")") + name + R"(":"x"})"));
    EXPECT_THAT(error, HasSubstr(std::string("properties has the member ") + name));
  }
}

TEST(DecodeEvent, NamesPropertiesThatAreNoJson) {
  EXPECT_THAT(ErrorOf(EventWith(R"("properties":"{a}")")),
              HasSubstr("Error parsing properties json"));
  EXPECT_THAT(ErrorOf(EventWith(R"("properties":"[1]")")),
              HasSubstr("Error parsing properties json"));
  EXPECT_THAT(ErrorOf(EventWith(R"("properties":5)")), HasSubstr("properties is a number"));
}

TEST(DecodeEvent, NamesEachMemberThatIsMissing) {
  EXPECT_THAT(ErrorOf(R"({"itemId":"i","eventType":"v"})"), HasSubstr("userId and sessionId"));
  EXPECT_THAT(ErrorOf(R"({"userId":"u","eventType":"v"})"), HasSubstr("itemId is missing"));
  EXPECT_THAT(ErrorOf(R"({"userId":"u","itemId":"i"})"), HasSubstr("eventType is missing"));
}

TEST(DecodeEvent, HoldsEachLengthToItsLimit) {
  for (const char* name : {"userId", "sessionId", "itemId", "eventType", "eventId"}) {
    const auto with = [&](std::size_t size) {
      return std::string(R"({"userId":"u","itemId":"i","eventType":"v",")") + name + R"(":")" +
             std::string(size, 'x') + R"("})";
    };
    EXPECT_EQ(ErrorOf(with(256)), "no error") << name;
    EXPECT_THAT(ErrorOf(with(257)), HasSubstr(std::string(name) + " has 257 bytes")) << name;
  }
  EXPECT_THAT(ErrorOf(EventWith(R"("recommendationId":")" + std::string(41, 'x') + "\"")),
              HasSubstr("the limit is 40"));
  EXPECT_THAT(ErrorOf(EventWith(R"("properties":"{\"a\":\")" + std::string(1024, 'x') + R"(\"}")")),
              HasSubstr("the limit is 1024"));
}

TEST(DecodeEvent, TakesTwentyFiveImpressionsAndNoMore) {
  const auto with = [](int count) {
    std::string list = "\"impression\":[";
    for (int i = 0; i < count; ++i) list += (i ? ",\"" : "\"") + std::to_string(i) + "\"";
    return EventWith(list + "]");
  };
  EXPECT_EQ(ErrorOf(with(25)), "no error");
  EXPECT_THAT(ErrorOf(with(26)), HasSubstr("impression has 26 elements"));
  EXPECT_THAT(ErrorOf(EventWith(R"("impression":[""])")), HasSubstr("impression"));
  EXPECT_THAT(ErrorOf(EventWith(R"("impression":[1.5])")), HasSubstr("impression"));
}

TEST(DecodeEvent, NamesWrongTypes) {
  EXPECT_THAT(ErrorOf(R"({"userId":[5],"itemId":"i","eventType":"v"})"),
              HasSubstr("userId is an array, it must be a string or an integer"));
  EXPECT_THAT(ErrorOf(EventWith(R"("eventValue":"much")")), HasSubstr("eventValue is a string"));
  EXPECT_THAT(ErrorOf(EventWith(R"("eventValue":true)")), HasSubstr("eventValue is true or false"));
  EXPECT_THAT(ErrorOf("[1]"), HasSubstr("the event is an array"));
}

TEST(DecodeEvent, NamesNumbersThatAreNotFinite) {
  EXPECT_THAT(ErrorOf(EventWith(R"("eventValue":NaN)")), HasSubstr("NaN at byte"));
  EXPECT_THAT(ErrorOf(EventWith(R"("eventValue":Infinity)")), HasSubstr("Infinity at byte"));
  EXPECT_THAT(ErrorOf(EventWith(R"("eventValue":-Infinity)")), HasSubstr("-Infinity at byte"));
  EXPECT_THAT(ErrorOf(EventWith(R"("eventValue":"NaN")")), HasSubstr("eventValue is not a finite"));
  EXPECT_NE(ErrorOf(EventWith(R"("eventValue":1e999)")), "no error");
}

TEST(DecodeEvent, RefusesBrokenTextAndBrokenUtf8) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("there is no text"));
  EXPECT_THAT(ErrorOf("{\"userId\":"), HasSubstr("ends too early"));
  EXPECT_THAT(ErrorOf(EventWith("") + "x"), HasSubstr("text after the end"));
  EXPECT_THAT(ErrorOf("{\"userId\":\"\xC3\x28\",\"itemId\":\"i\",\"eventType\":\"v\"}"),
              HasSubstr("not valid JSON at byte"));
  EXPECT_THAT(ErrorOf(std::string(1000, '[')), HasSubstr("not valid JSON"));
}

TEST(DecodePutEvents, GivesEachEventUserAndSession) {
  const auto entries = DecodePutEvents(
      PutEvents(R"({"eventType":"click","sentAt":1553631760,"properties":"{\"itemId\": \"i1\"}"},
                   {"eventType":"rating","sentAt":1.5E9,"itemId":"i2","eventValue":4})"));
  ASSERT_TRUE(entries) << entries.error().message;
  ASSERT_THAT(*entries, SizeIs(2));
  const auto& first = std::get<core::Event>((*entries)[0]);
  EXPECT_EQ(first.item_id, "i1");
  EXPECT_EQ(first.user_id, "u");
  EXPECT_EQ(first.session_id, "s");
  EXPECT_EQ(first.time_ms, 1'553'631'760'000);
  EXPECT_EQ(std::get<core::Event>((*entries)[1]).time_ms, 1'500'000'000'000);
}

TEST(DecodePutEvents, NamesWhatIsMissing) {
  EXPECT_THAT(PutError(R"({"sessionId":"s","eventList":[]})"), HasSubstr("trackingId is missing"));
  EXPECT_THAT(PutError(R"({"trackingId":"t","eventList":[{}]})"),
              HasSubstr("sessionId is missing"));
  EXPECT_THAT(PutError(R"({"trackingId":"t","sessionId":"s"})"), HasSubstr("eventList is missing"));
  EXPECT_THAT(PutError(PutEvents(R"({"eventType":"v","itemId":"i"})")),
              HasSubstr("eventList[0].sentAt is missing"));
  EXPECT_THAT(PutError(PutEvents("7")), HasSubstr("eventList[0] is a number"));
}

TEST(DecodePutEvents, TakesOneToTenEvents) {
  const auto with = [](int count) {
    std::string events;
    for (int i = 0; i < count; ++i) {
      events += std::string(i ? "," : "") + R"({"eventType":"v","itemId":"i","sentAt":1})";
    }
    return PutEvents(events);
  };
  EXPECT_EQ(PutError(with(10)), "no error");
  EXPECT_THAT(PutError(with(11)), HasSubstr("eventList has 11 elements, it must have 1 to 10"));
  EXPECT_THAT(PutError(with(0)), HasSubstr("eventList has 0 elements"));
}

std::int64_t TimeOf(const std::string& sent_at) {
  const auto entries =
      DecodePutEvents(PutEvents(R"({"eventType":"v","itemId":"i","sentAt":)" + sent_at + "}"));
  return entries ? std::get<core::Event>((*entries)[0]).time_ms : -1;
}

TEST(SentAt, IsReadInEveryFormThatClientsSend) {
  EXPECT_EQ(TimeOf("1553631760"), 1'553'631'760'000);
  EXPECT_EQ(TimeOf("1553631760.75"), 1'553'631'760'750);
  EXPECT_EQ(TimeOf("1.55363176E9"), 1'553'631'760'000);
  EXPECT_EQ(TimeOf("1553631760123"), 1'553'631'760'123);
  EXPECT_EQ(TimeOf("\"1553631760\""), 1'553'631'760'000);
  EXPECT_EQ(TimeOf("\"2019-03-26T20:22:40Z\""), 1'553'631'760'000);
  EXPECT_EQ(TimeOf("\"2019-03-26T20:22:40.5Z\""), 1'553'631'760'500);
  EXPECT_EQ(TimeOf("\"2019-03-26 22:22:40+02:00\""), 1'553'631'760'000);
  EXPECT_EQ(TimeOf("\"2019-03-26T20:22:40-0000\""), 1'553'631'760'000);
  EXPECT_EQ(TimeOf("\"2019-03-26\""), 1'553'558'400'000);
  EXPECT_EQ(TimeOf("0"), 0);
  EXPECT_EQ(TimeOf("4102444800"), 4'102'444'800'000);  // far ahead, and taken
}

TEST(SentAt, OutsideItsRangeIsRefusedByName) {
  const auto error = [](const std::string& sent_at) {
    return PutError(PutEvents(R"({"eventType":"v","itemId":"i","sentAt":)" + sent_at + "}"));
  };
  EXPECT_THAT(error("-1"), HasSubstr("eventList[0].sentAt is before 1970"));
  EXPECT_THAT(error("\"1969-12-31\""), HasSubstr("before 1970"));
  EXPECT_THAT(error("253402300800"), HasSubstr("after the year 9999"));
  EXPECT_THAT(error("253402300800000"), HasSubstr("after the year 9999"));
  EXPECT_THAT(error("\"10000-01-01\""), HasSubstr("after the year 9999"));
  EXPECT_THAT(error("\"NaN\""), HasSubstr("sentAt is not a finite number"));
  EXPECT_THAT(error("NaN"), HasSubstr("NaN"));
  EXPECT_THAT(error("\"yesterday\""), HasSubstr("ISO 8601"));
  EXPECT_THAT(error("\"2019-02-30\""), HasSubstr("ISO 8601"));
  EXPECT_THAT(error("true"), HasSubstr("sentAt is true or false"));
}

TEST(DecodePutItems, ReadsMetadataInSchemaNames) {
  const auto entries = DecodePutItems(
      R"({"datasetArn":"arn:aws:personalize:us-east-1:1:dataset/d/ITEMS","items":[
          {"itemId":"1","properties":"{\"genres\":\"a|b\",\"creationTimestamp\":5,\"x\":null}"},
          {"itemId":"2"}]})");
  ASSERT_TRUE(entries) << entries.error().message;
  const auto& first = std::get<core::PutItem>((*entries)[0]);
  EXPECT_EQ(first.item_id, "1");
  EXPECT_THAT(first.columns,
              ElementsAre(core::Column{"GENRES", std::string("a|b")},
                          core::Column{"CREATION_TIMESTAMP", *core::Number::Parse("5")}));
  EXPECT_TRUE(std::get<core::PutItem>((*entries)[1]).columns.empty());
}

TEST(DecodePutItems, RefusesAnotherDatasetAndTooMuch) {
  const auto error = [](const std::string& json) {
    const auto entries = DecodePutItems(json);
    return entries ? "no error" : entries.error().message;
  };
  EXPECT_THAT(error(R"({"datasetArn":"arn:x/USERS","items":[{"itemId":"1"}]})"),
              HasSubstr("datasetArn must end in /ITEMS"));
  EXPECT_EQ(error(R"({"datasetArn":"arn:x/items","items":[{"itemId":"1"}]})"), "no error");
  EXPECT_THAT(error(R"({"items":[{"itemId":"1"}]})"), HasSubstr("datasetArn is missing"));
  EXPECT_THAT(error(R"({"datasetArn":"ITEMS","items":[]})"), HasSubstr("items has 0 elements"));
  EXPECT_THAT(error(R"({"datasetArn":"ITEMS","items":[{"itemId":"1","properties":"{"}]})"),
              HasSubstr("Error parsing properties json: items[0]"));
  EXPECT_THAT(error(R"({"datasetArn":"ITEMS","items":[{"itemId":"1","properties":")" +
                    std::string(32001, ' ') + "\"}]}"),
              HasSubstr("items[0].properties has 32001 bytes, the limit is 32000"));
}

TEST(DecodePutUsers, ReadsUsers) {
  const auto entries = DecodePutUsers(
      R"({"datasetArn":"d/USERS","users":[{"userId":"u","properties":"{\"age\":\"30\"}"}]})");
  ASSERT_TRUE(entries);
  const auto& put = std::get<core::PutUser>((*entries)[0]);
  EXPECT_EQ(put.user_id, "u");
  EXPECT_THAT(put.columns, ElementsAre(core::Column{"AGE", std::string("30")}));
}

TEST(DecodeColumns, JoinsArraysAndRefusesWhatIsNested) {
  const auto columns = DecodeColumns(R"({"tags":["x","y"],"price":9.5,"adult":false,"none":null})");
  ASSERT_TRUE(columns);
  EXPECT_THAT(*columns, ElementsAre(core::Column{"TAGS", std::string("x|y")},
                                    core::Column{"PRICE", *core::Number::Parse("9.5")},
                                    core::Column{"ADULT", false}));
  EXPECT_FALSE(DecodeColumns(R"({"a":{"b":1}})"));
  EXPECT_FALSE(DecodeColumns(R"({"a":[["b"]]})"));
  EXPECT_FALSE(DecodeColumns(R"({"priceCents":1,"PRICE_CENTS":2})"));
}

TEST(DecodeColumns, ArraysOfNumbersAreTheirTexts) {
  const auto columns = DecodeColumns(R"({"category":[77,"78",1.10,true]})");
  ASSERT_TRUE(columns);
  EXPECT_THAT(*columns, ElementsAre(core::Column{"CATEGORY", std::string("77|78|1.10|true")}));
}

TEST(EncodeColumns, NumbersComeBackAsTheyWereWritten) {
  const std::string json =
      R"({"a":9007199254740993,"b":73928e03,"c":1.10,"d":1234567890123456789,"e":-0,"f":-0.50,)"
      R"("g":12345678901234567890,"h":123456789012345678901234567890,"i":1E+2})";
  const auto columns = DecodeColumns(json);
  ASSERT_TRUE(columns) << columns.error().message;
  EXPECT_EQ(EncodeColumns(*columns), json);
  const auto record = DecodeRecord("itemId", R"({"itemId":"i","properties":)" + json + "}");
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(EncodeColumns(record->columns), json);
}

TEST(DecodeColumns, NumbersBeyondDoublesAreRefused) {
  const auto columns = DecodeColumns(R"({"price":1e400})");
  ASSERT_FALSE(columns);
  EXPECT_THAT(columns.error().message, HasSubstr("price is not a finite number"));
}

TEST(DecodeRecord, AnIdThatIsADecimalNumberIsToldAsANumber) {
  const auto record = DecodeRecord("itemId", R"({"itemId":1.5,"properties":{}})");
  ASSERT_FALSE(record);
  EXPECT_THAT(record.error().message, HasSubstr("itemId is a number"));
}

TEST(EncodeColumns, IsTheWayBack) {
  const std::string json = R"({"title":"a \"b\"\n\u0001","price":9.5,"inStock":true})";
  const auto columns = DecodeColumns(json);
  ASSERT_TRUE(columns);
  EXPECT_EQ(EncodeColumns(*columns), json);
}

}  // namespace
}  // namespace freshet::daemon
