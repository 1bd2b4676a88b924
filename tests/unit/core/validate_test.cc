#include "core/validate.h"

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::core {
namespace {

using testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Event GoodEvent() {
  Event event;
  event.user_id = "user";
  event.item_id = "item";
  event.event_type = "view";
  event.time_ms = 1'790'000'000'000;
  return event;
}

// Expects that `change` spoils a good event and that the message has every part.
void ExpectRefused(const std::function<void(Event*)>& change,
                   const std::vector<std::string>& parts) {
  Event event = GoodEvent();
  change(&event);
  const Status status = Validate(event);
  ASSERT_FALSE(status.ok()) << parts.front();
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
  for (const std::string& part : parts) EXPECT_THAT(status.error().message, HasSubstr(part));
}

void ExpectAccepted(const std::function<void(Event*)>& change) {
  Event event = GoodEvent();
  change(&event);
  const Status status = Validate(event);
  EXPECT_TRUE(status.ok()) << status.error().message;
}

TEST(Utf8, WellFormedTextIsAccepted) {
  for (const std::string& text : std::vector<std::string>{
           "", "plain", std::string("\0", 1), "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80",
           "\xE2\x82\xAC", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80",
           "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF", "a\xC3\xA9z"}) {
    EXPECT_TRUE(IsUtf8(text)) << testing::PrintToString(text);
  }
}

TEST(Utf8, IllFormedTextIsRefused) {
  for (const std::string& text : std::vector<std::string>{"\x80",          // a continuation alone
                                                          "\xBF",          //
                                                          "\xC0\xAF",      // overlong '/'
                                                          "\xC1\xBF",      // overlong
                                                          "\xE0\x9F\xBF",  // overlong
                                                          "\xF0\x8F\xBF\xBF",  // overlong
                                                          "\xED\xA0\x80",  // the first surrogate
                                                          "\xED\xBF\xBF",  // the last
                                                          "\xF4\x90\x80\x80",  // past U+10FFFF
                                                          "\xF5\x80\x80\x80",  // no such lead
                                                          "\xF8\x88\x80\x80\x80", "\xFE", "\xFF",
                                                          "\xC3",  // cut short
                                                          "\xE2\x82", "\xF0\x9F\x98", "\xE2\x82z",
                                                          "\xC3\xC3\xA9", "ok\xFFok"}) {
    EXPECT_FALSE(IsUtf8(text)) << testing::PrintToString(text);
  }
}

// The table of RFC 3629 written out once more, for every text of two bytes and every lead of three.
TEST(Utf8, AgreesWithTheTableOfTheRfc) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string two = {static_cast<char>(first), static_cast<char>(second)};
      const bool continues = second >= 0x80 && second <= 0xBF;
      const bool good_two =
          (first < 0x80 && second < 0x80) || (first >= 0xC2 && first <= 0xDF && continues);
      EXPECT_EQ(IsUtf8(two), good_two) << first << " " << second;
      const bool good_three = (first == 0xE0 && second >= 0xA0 && second <= 0xBF) ||
                              (first == 0xED && second >= 0x80 && second <= 0x9F) ||
                              (first >= 0xE1 && first <= 0xEF && first != 0xED && continues);
      if (first >= 0xE0) {
        EXPECT_EQ(IsUtf8(two + "\x80"), good_three) << first << " " << second;
      }
    }
  }
}

TEST(ValidateId, AcceptsOneToTheMaximumOfBytes) {
  EXPECT_TRUE(ValidateId("userId", "u").ok());
  EXPECT_TRUE(ValidateId("userId", std::string(256, 'u')).ok());
  EXPECT_THAT(ValidateId("userId", std::string(257, 'u')).error().message,
              testing::AllOf(HasSubstr("userId"), HasSubstr("257"), HasSubstr("256")));
  EXPECT_THAT(ValidateId("userId", "").error().message,
              testing::AllOf(HasSubstr("userId"), HasSubstr("empty"), HasSubstr("256")));
  EXPECT_THAT(ValidateId("userId", "\xFF").error().message,
              testing::AllOf(HasSubstr("userId"), HasSubstr("UTF-8")));
  EXPECT_FALSE(ValidateId("short", "abcde", 4).ok());
}

TEST(ValidateEvent, NeedsAUserOrASession) {
  ExpectAccepted([](Event*) {});
  ExpectAccepted([](Event* event) {
    event->user_id.clear();
    event->session_id = "session";
  });
  ExpectRefused([](Event* event) { event->user_id.clear(); }, {"userId", "sessionId"});
}

TEST(ValidateEvent, NamesTheIdThatIsMissing) {
  ExpectRefused([](Event* event) { event->item_id.clear(); }, {"itemId", "empty"});
  ExpectRefused([](Event* event) { event->event_type.clear(); }, {"eventType", "empty"});
}

TEST(ValidateEvent, NamesTheIdThatIsTooLongOrNoText) {
  struct Member {
    const char* name;
    std::string Event::*text;
    std::size_t maximum;
  };
  const std::vector<Member> members = {
      {"userId", &Event::user_id, 256},
      {"sessionId", &Event::session_id, 256},
      {"itemId", &Event::item_id, 256},
      {"eventType", &Event::event_type, 256},
      {"eventId", &Event::event_id, 256},
      {"recommendationId", &Event::recommendation_id, 40},
      {"properties", &Event::properties, 1024},
      {"eventAttributionSource", &Event::attribution_source, 1024}};
  for (const Member& member : members) {
    const std::string limit = std::to_string(member.maximum);
    ExpectAccepted([&](Event* event) { event->*member.text = std::string(member.maximum, 'x'); });
    ExpectRefused([&](Event* event) { event->*member.text = std::string(member.maximum + 1, 'x'); },
                  {member.name, limit, std::to_string(member.maximum + 1)});
    ExpectRefused([&](Event* event) { event->*member.text = "\xC0\x80"; }, {member.name, "UTF-8"});
  }
}

TEST(ValidateEvent, TimesLieBetween1970And9999) {
  ExpectAccepted([](Event* event) { event->time_ms = 0; });
  ExpectAccepted([](Event* event) { event->time_ms = kMaximumTimeMs; });
  ExpectRefused([](Event* event) { event->time_ms = -1; }, {"sentAt", "1970"});
  ExpectRefused([](Event* event) { event->time_ms = kMaximumTimeMs + 1; }, {"sentAt", "9999"});
  ExpectRefused([](Event* event) { event->time_ms = std::numeric_limits<std::int64_t>::min(); },
                {"sentAt"});
}

TEST(ValidateEvent, TheValueIsAFiniteNumber) {
  ExpectAccepted([](Event* event) { event->value = -1.5; });
  for (const double bad : {kNaN, kInfinity, -kInfinity}) {
    ExpectRefused([bad](Event* event) { event->value = bad; }, {"eventValue", "finite"});
  }
}

TEST(ValidateEvent, AnImpressionHasAtMost25Ids) {
  ExpectAccepted([](Event* event) { event->impression.assign(25, "item"); });
  ExpectRefused([](Event* event) { event->impression.assign(26, "item"); },
                {"impression", "26", "25"});
  ExpectRefused([](Event* event) { event->impression = {"item", ""}; }, {"impression", "empty"});
  ExpectRefused([](Event* event) { event->impression = {std::string(257, 'x')}; },
                {"impression", "257"});
}

// The same for what has metadata.
template <typename Put>
void ExpectColumnsAreChecked(Put put) {
  put.columns.assign(100, Column{"NAME", std::string("text")});
  EXPECT_TRUE(Validate(put).ok());
  put.columns.emplace_back(Column{"NAME", true});
  EXPECT_THAT(Validate(put).error().message,
              testing::AllOf(HasSubstr("properties"), HasSubstr("101"), HasSubstr("100")));
  put.columns = {{std::string(150, 'N'), true}};
  EXPECT_TRUE(Validate(put).ok());
  put.columns = {{std::string(151, 'N'), true}};
  EXPECT_THAT(Validate(put).error().message,
              testing::AllOf(HasSubstr("properties"), HasSubstr("151"), HasSubstr("150")));
  put.columns = {{"", *Number::Parse("1")}};
  EXPECT_THAT(Validate(put).error().message,
              testing::AllOf(HasSubstr("properties"), HasSubstr("empty")));
  put.columns = {{"TITLE", std::string("\xFF")}};
  EXPECT_THAT(Validate(put).error().message,
              testing::AllOf(HasSubstr("properties.TITLE"), HasSubstr("UTF-8")));
}

TEST(ValidateItem, ChecksItsIdAndColumns) {
  EXPECT_TRUE(Validate(PutItem{"item", {}}).ok());
  EXPECT_THAT(Validate(PutItem{"", {}}).error().message, HasSubstr("itemId"));
  EXPECT_THAT(Validate(DeleteItem{std::string(257, 'x')}).error().message, HasSubstr("itemId"));
  EXPECT_TRUE(Validate(DeleteItem{"item"}).ok());
  ExpectColumnsAreChecked(PutItem{"item", {}});
}

TEST(ValidateUser, ChecksItsIdAndColumns) {
  EXPECT_TRUE(Validate(PutUser{"user", {}}).ok());
  EXPECT_THAT(Validate(PutUser{"", {}}).error().message, HasSubstr("userId"));
  EXPECT_THAT(Validate(DeleteUser{"\xFF"}).error().message, HasSubstr("userId"));
  EXPECT_TRUE(Validate(DeleteUser{"user"}).ok());
  ExpectColumnsAreChecked(PutUser{"user", {}});
}

}  // namespace
}  // namespace freshet::core
