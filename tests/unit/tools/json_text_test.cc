#include "tools/json_text.h"

#include <string>

#include <gtest/gtest.h>

namespace freshet::tools {
namespace {

std::string Quoted(std::string_view text) {
  std::string json;
  AppendJsonString(text, &json);
  return json;
}

core::Event SmallEvent() {
  core::Event event;
  event.user_id = "u";
  event.item_id = "i";
  event.event_type = "view";
  event.time_ms = 1'500'000;
  return event;
}

TEST(JsonText, StringsAreEscaped) {
  EXPECT_EQ(Quoted("plain \xC3\xA9"), "\"plain \xC3\xA9\"");
  EXPECT_EQ(Quoted("a\"b\\c\nd\te\x01"), R"("a\"b\\c\nd\te\u0001")");
}

TEST(JsonText, AnEventIsOneLineWithoutItsEmptyMembers) {
  std::string lines;
  AppendEventLine(SmallEvent(), &lines);
  EXPECT_EQ(lines, R"({"itemId":"i","userId":"u","eventType":"view","sentAt":1500})"
                   "\n");
}

TEST(JsonText, AnEventCarriesEveryMember) {
  std::string lines;
  core::Event event = SmallEvent();
  event.session_id = "s";
  event.time_ms = 1'500'007;
  event.value = 2.5;
  event.event_id = "e";
  event.recommendation_id = "r";
  event.impression = {"a", "b"};
  event.properties = R"({"x":1})";
  event.attribution_source = "mail";
  AppendEventLine(event, &lines);
  EXPECT_EQ(lines,
            R"({"itemId":"i","userId":"u","sessionId":"s","eventType":"view","sentAt":1500.007,)"
            R"("eventValue":2.5,"eventId":"e","recommendationId":"r","impression":["a","b"],)"
            R"("properties":"{\"x\":1}","metricAttribution":{"eventAttributionSource":"mail"}})"
            "\n");
}

}  // namespace
}  // namespace freshet::tools
