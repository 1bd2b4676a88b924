// What Freshet's own face makes of documents that are nearly events.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/event_json.h"
#include "daemon/put_json.h"

namespace freshet::daemon {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::int64_t kNow = 1'700'000'000'000;

std::string EventWith(const std::string& member) {
  return R"({"userId":"u","itemId":"i","eventType":"view",)" + member + "}";
}

core::Event Decoded(const std::string& json) {
  const core::Result<core::Event> event = DecodeEvent(json, kNow);
  EXPECT_TRUE(event) << json << ": " << event.error().message;
  return event ? *event : core::Event();
}

std::string ErrorOf(const std::string& json) {
  const core::Result<core::Event> event = DecodeEvent(json, kNow);
  return event ? "no error" : event.error().message;
}

TEST(UnknownMember, IsRefusedWithTheOneThatWasProbablyMeant) {
  const std::pair<std::string, std::string> kMeant[] = {{"timestamp", "sentAt"},
                                                        {"sentat", "sentAt"},
                                                        {"sent_at", "sentAt"},
                                                        {"ts", "sentAt"},
                                                        {"time", "sentAt"},
                                                        {"session_id", "sessionId"},
                                                        {"sesionId", "sessionId"},
                                                        {"event_value", "eventValue"},
                                                        {"eventvalue", "eventValue"},
                                                        {"Event-Type", "eventType"},
                                                        {"USER_ID", "userId"},
                                                        {"productId", "itemId"},
                                                        {"messageId", "eventId"},
                                                        {"impressions", "impression"},
                                                        {"propertys", "properties"},
                                                        {"rating", "eventValue"},
                                                        {"recomendationId", "recommendationId"}};
  for (const auto& [sent, meant] : kMeant) {
    EXPECT_EQ(ErrorOf(EventWith("\"" + sent + "\":1500000000")),
              "\"" + sent + "\" is not a member of an event; did you mean " + meant + "?");
  }
}

TEST(UnknownMember, ThatResemblesNoneIsShownItsPlace) {
  EXPECT_EQ(ErrorOf(EventWith(R"("colour":"red")")),
            "\"colour\" is not a member of an event; what is no member of an event may stand in "
            "properties");
  EXPECT_THAT(ErrorOf(EventWith("\"" + std::string(5000, 'x') + "\":1")),
              HasSubstr("is not a member of an event"));
  EXPECT_THAT(
      ErrorOf(EventWith(R"("metricAttribution":{"eventAttributionSource":"a","source":"b"})")),
      HasSubstr("\"source\" is not a member of metricAttribution"));
}

TEST(UnknownMember, OfPutEventsIsPassedOverAsPersonalizeDoes) {
  EXPECT_TRUE(DecodePutEvents(R"({"trackingId":"t","sessionId":"s","more":1,"eventList":[
      {"eventType":"v","itemId":"i","sentAt":1,"timestamp":5}]})"));
}

TEST(IntegerId, IsItsDecimalText) {
  const core::Event event = Decoded(
      R"({"userId":17,"sessionId":-3,"itemId":9223372036854775807,"eventType":"view",
          "eventId":18446744073709551615,"recommendationId":0,"impression":[1,"b",4611686018427387905]})");
  EXPECT_EQ(event.user_id, "17");
  EXPECT_EQ(event.session_id, "-3");
  EXPECT_EQ(event.item_id, "9223372036854775807");
  EXPECT_EQ(event.event_id, "18446744073709551615");
  EXPECT_EQ(event.recommendation_id, "0");
  EXPECT_THAT(event.impression, ElementsAre("1", "b", "4611686018427387905"));
}

TEST(IntegerId, ThatIsNoIntegerIsRefusedWithTheReason) {
  for (const char* id : {"1.5", "17.0", "1e3", "100000000000000000000"}) {
    EXPECT_THAT(ErrorOf(R"({"itemId":"i","eventType":"v","userId":)" + std::string(id) + "}"),
                AllOf(HasSubstr("userId is a number with"), HasSubstr("send it as a string")))
        << id;
  }
  EXPECT_THAT(ErrorOf(R"({"itemId":true,"eventType":"v","userId":"u"})"),
              HasSubstr("itemId is true or false, it must be a string or an integer"));
}

TEST(IntegerId, OfPutEventsIsRefusedAsPersonalizeDoes) {
  const auto put = [](const std::string& item) {
    return DecodePutEvents(
        R"({"trackingId":"t","sessionId":"s","eventList":[{"eventType":"v","sentAt":1,"itemId":)" +
        item + "}]}");
  };
  EXPECT_TRUE(put("\"7\""));
  ASSERT_FALSE(put("7"));
  EXPECT_THAT(put("7").error().message, HasSubstr("itemId is a number, it must be a string"));
}

TEST(EmptyMember, IsAbsentWhereItIsOptional) {
  const core::Event event = Decoded(
      R"({"userId":"","sessionId":"s1","itemId":"tent","eventType":"view","eventId":"",
          "eventValue":"","sentAt":"","properties":"","recommendationId":"","impression":[],
          "metricAttribution":{}})");
  core::Event expected;
  expected.session_id = "s1";
  expected.item_id = "tent";
  expected.event_type = "view";
  expected.time_ms = kNow;
  EXPECT_EQ(event, expected);
  EXPECT_EQ(Decoded(EventWith(R"("properties":{})")).properties, "");
  EXPECT_EQ(
      Decoded(EventWith(R"("metricAttribution":{"eventAttributionSource":""})")).attribution_source,
      "");
}

TEST(EmptyMember, IsRefusedWhereItIsRequired) {
  EXPECT_THAT(ErrorOf(R"({"userId":"","itemId":"i","eventType":"v"})"),
              HasSubstr("userId and sessionId are both missing or empty"));
  EXPECT_THAT(ErrorOf(R"({"userId":"u","itemId":"","eventType":"v"})"), HasSubstr("itemId is"));
  EXPECT_THAT(ErrorOf(R"({"userId":"u","itemId":"i","eventType":""})"),
              HasSubstr("eventType is empty"));
}

TEST(EmptyMember, OfPutEventsIsRefusedAsPersonalizeDoes) {
  const auto put = DecodePutEvents(R"({"trackingId":"t","userId":"","sessionId":"s","eventList":[
      {"eventType":"v","itemId":"i","sentAt":1}]})");
  ASSERT_FALSE(put);
  EXPECT_THAT(put.error().message, HasSubstr("userId is empty"));
}

TEST(Envelope, OfKafkaConnectIsTakenOff) {
  const std::string event = R"({"userId":"u","itemId":"i","eventType":"view"})";
  const core::Event expected = Decoded(event);
  EXPECT_EQ(Decoded(R"({"schema":{"type":"struct"},"payload":)" + event + "}"), expected);
  EXPECT_EQ(Decoded(R"({"schema":null,"payload":)" + event + "}"), expected);
  EXPECT_THAT(ErrorOf(R"({"schema":{},"payload":{"userId":"u","item_id":"i"}})"),
              HasSubstr("\"item_id\" is not a member of an event; did you mean itemId?"));
}

TEST(Envelope, OfDebeziumIsTakenOff) {
  const std::string event = R"({"userId":"u","itemId":"i","eventType":"view"})";
  const std::string change =
      R"({"before":null,"after":)" + event + R"(,"source":{"db":"shop"},"op":"c","ts_ms":1})";
  const core::Event expected = Decoded(event);
  EXPECT_EQ(Decoded(change), expected);
  EXPECT_EQ(Decoded(R"({"schema":{},"payload":)" + change + "}"), expected);
  EXPECT_THAT(ErrorOf(R"({"before":{"id":1},"after":null,"op":"d"})"),
              HasSubstr("the envelope holds no event"));
}

TEST(Envelope, ThatIsNotTakenOffIsToldByItsName) {
  const std::pair<std::string, std::string> kTold[] = {
      {R"({"specversion":"1.0","type":"view","source":"/shop","id":"1","data":{"itemId":"i"}})",
       "CloudEvent"},
      {R"({"type":"track","event":"Product Viewed","userId":"u","properties":{"product_id":"i"}})",
       "Segment"},
      {R"({"batch":[{"type":"track"}]})", "Segment"},
      {R"({"trackingId":"t","sessionId":"s","eventList":[]})", "POST /events"},
      {R"({"schema":"iglu:com.acme/view/jsonschema/1-0-0","data":{"itemId":"i"}})",
       "self-describing JSON"},
      {R"({"before":{},"after":{}})", "ExtractNewRecordState"},
      {R"({"detail-type":"view","detail":{"itemId":"i"}})", "EventBridge"},
      {R"({"records":[{"value":{"itemId":"i"}}]})", "batch of records"},
      {R"({"body":{"itemId":"i"}})", "\"body\" seems to hold the document"},
      {R"("{\"userId\":\"u\"}")", "encoded twice"}};
  for (const auto& [json, told] : kTold) EXPECT_THAT(ErrorOf(json), HasSubstr(told)) << json;
}

}  // namespace
}  // namespace freshet::daemon
