#include "tools/csv_records.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// `text` split at commas; a field in single quotes counts as quoted.
CsvRow Row(std::string_view text) {
  CsvRow row{1, text, {}, {}};
  while (true) {
    const std::size_t comma = text.find(',');
    std::string_view field = text.substr(0, comma);
    const bool quoted = field.starts_with('\'');
    if (quoted) field = field.substr(1, field.size() - 2);
    row.fields.push_back({field, quoted});
    if (comma == std::string_view::npos) return row;
    text.remove_prefix(comma + 1);
  }
}

core::Result<core::Event> ParseEvent(std::string_view header, std::string_view text) {
  const auto columns = ColumnsOf(Row(header), InputKind::kEvents, {});
  if (!columns) return columns.error();
  EventRows rows(*columns);
  core::Event event;
  FRESHET_RETURN_IF_ERROR(rows.Parse(Row(text), &event));
  return event;
}

EventRows RowsOf(std::string_view header) {
  return EventRows(ColumnsOf(Row(header), InputKind::kEvents, {}).value());
}

TEST(EventRows, ColumnsMayComeInAnyOrderAndCase) {
  const auto event = ParseEvent("item_id,timestamp,userId,EVENT_TYPE", "i1,1451606425,u1,click");
  ASSERT_TRUE(event.has_value()) << event.error().message;
  EXPECT_EQ(event->item_id, "i1");
  EXPECT_EQ(event->user_id, "u1");
  EXPECT_EQ(event->event_type, "click");
  EXPECT_EQ(event->time_ms, 1451606425000);
}

TEST(EventRows, EveryReservedColumnFindsItsMember) {
  const auto event = ParseEvent(
      "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,SESSION_ID,IMPRESSION,RECOMMENDATION_ID,"
      "EVENT_ID,EVENT_ATTRIBUTION_SOURCE",
      "u,i,10,buy,2.5,s,a|b|c,r,e,mail");
  ASSERT_TRUE(event.has_value()) << event.error().message;
  EXPECT_EQ(event->value, 2.5);
  EXPECT_EQ(event->session_id, "s");
  EXPECT_THAT(event->impression, ElementsAre("a", "b", "c"));
  EXPECT_EQ(event->recommendation_id, "r");
  EXPECT_EQ(event->event_id, "e");
  EXPECT_EQ(event->attribution_source, "mail");
  EXPECT_EQ(event->properties, "");
}

TEST(EventRows, TheEventTypeIsViewWhereNoneIsGiven) {
  EXPECT_EQ(ParseEvent("USER_ID,ITEM_ID,TIMESTAMP", "u,i,1")->event_type, "view");
  EXPECT_EQ(ParseEvent("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE", "u,i,1,")->event_type, "view");
}

TEST(EventRows, FurtherColumnsBecomeProperties) {
  const auto event =
      ParseEvent("USER_ID,ITEM_ID,TIMESTAMP,PERIOD,DEVICE,ZIP,NOTE", "u,i,1,3,'ph\"one',00123,");
  ASSERT_TRUE(event.has_value()) << event.error().message;
  EXPECT_EQ(event->properties, R"({"period":3,"device":"ph\"one","zip":"00123"})");
}

TEST(EventRows, APropertyThatDoesNotFitIsLeftOutAndCounted) {
  EventRows rows = RowsOf("USER_ID,ITEM_ID,TIMESTAMP,A,B,C");
  core::Event event;
  const std::string text = "u,i,1,x," + std::string(1100, 'b') + ",y";
  ASSERT_TRUE(rows.Parse(Row(text), &event).ok());
  EXPECT_EQ(event.properties, R"({"a":"x","c":"y"})");
  EXPECT_EQ(rows.left_out(), 1U);
}

TEST(EventRows, AMissingRequiredColumnIsNamed) {
  EXPECT_THAT(ParseEvent("USER_ID,TIMESTAMP", "u,1").error().message, HasSubstr("ITEM_ID"));
  EXPECT_THAT(ParseEvent("USER_ID,ITEM_ID", "u,i").error().message, HasSubstr("TIMESTAMP"));
  EXPECT_THAT(ParseEvent("ITEM_ID,TIMESTAMP", "i,1").error().message,
              HasSubstr("USER_ID (or SESSION_ID)"));
  EXPECT_TRUE(ParseEvent("SESSION_ID,ITEM_ID,TIMESTAMP", "s,i,1").has_value());
}

TEST(EventRows, AColumnThatComesTwiceIsNamed) {
  EXPECT_THAT(ParseEvent("USER_ID,ITEM_ID,TIMESTAMP,itemId", "u,i,1,i").error().message,
              HasSubstr("ITEM_ID comes twice"));
}

TEST(EventRows, AWrongNumberOfFieldsIsAnError) {
  EXPECT_EQ(ParseEvent("USER_ID,ITEM_ID,TIMESTAMP", "u,i").error().message,
            "the row has 2 fields, the header has 3");
}

TEST(EventRows, ABadTimeOrValueNamesItsColumn) {
  EXPECT_THAT(ParseEvent("USER_ID,ITEM_ID,TIMESTAMP", "u,i,soon").error().message,
              HasSubstr("TIMESTAMP is \"soon\""));
  EXPECT_THAT(ParseEvent("USER_ID,ITEM_ID,TIMESTAMP,EVENT_VALUE", "u,i,1,nan").error().message,
              HasSubstr("EVENT_VALUE is \"nan\""));
}

TEST(EventRows, BlanksAroundNamesAreAroundValuesToo) {
  const auto event = ParseEvent("USER_ID, ITEM_ID, TIMESTAMP", "u, i, 10");
  ASSERT_TRUE(event.has_value()) << event.error().message;
  EXPECT_EQ(event->item_id, "i");
  EXPECT_EQ(event->time_ms, 10'000);
}

TEST(EventRows, ALimitNamesTheColumnAsTheFileHasIt) {
  const EventRows rows = RowsOf("userId,movieId,timestamp");
  EXPECT_EQ(rows.WithColumnNames("itemId is empty, it must have 1 to 256 bytes"),
            "movieId is empty, it must have 1 to 256 bytes");
  EXPECT_EQ(rows.WithColumnNames("sessionId and userId are both missing"),
            "sessionId and userId are both missing");
}

TEST(EventRows, NothingOfTheRowBeforeStays) {
  EventRows rows = RowsOf("USER_ID,ITEM_ID,TIMESTAMP,EVENT_VALUE,IMPRESSION,X");
  core::Event event;
  ASSERT_TRUE(rows.Parse(Row("u,i,1,5,a|b,x"), &event).ok());
  ASSERT_TRUE(rows.Parse(Row("u,i,2,,,"), &event).ok());
  core::Event expected;
  expected.user_id = "u";
  expected.item_id = "i";
  expected.event_type = "view";
  expected.time_ms = 2000;
  EXPECT_EQ(event, expected);
}

TEST(RecordRows, NumbersAreNumbersUnlessQuotedOrWithALeadingZero) {
  const auto names = ColumnsOf(Row("ITEM_ID,price,TITLE,ZIP,GENRES,SHELF"), InputKind::kItems, {});
  ASSERT_TRUE(names.has_value()) << names.error().message;
  const RecordRows rows(*names, "ITEM_ID");
  std::string id;
  std::vector<core::Column> columns;
  ASSERT_TRUE(rows.Parse(Row("i1,9.50,'1984',00712,a|b,"), &id, &columns).ok());
  EXPECT_EQ(id, "i1");
  EXPECT_THAT(columns, ElementsAre(core::Column{"PRICE", *core::Number::Parse("9.50")},
                                   core::Column{"TITLE", std::string("1984")},
                                   core::Column{"ZIP", std::string("00712")},
                                   core::Column{"GENRES", std::string("a|b")}));
}

TEST(RecordRows, WhatOnlyLooksLikeANumberIsText) {
  const auto names = ColumnsOf(Row("ITEM_ID,A,B,C,D,E,F"), InputKind::kItems, {});
  ASSERT_TRUE(names.has_value()) << names.error().message;
  const RecordRows rows(*names, "ITEM_ID");
  std::string id;
  std::vector<core::Column> columns;
  ASSERT_TRUE(rows.Parse(Row("i1,73928e03,0x1F,inf,1.,.5,+1"), &id, &columns).ok());
  for (const core::Column& column : columns) {
    EXPECT_TRUE(std::holds_alternative<std::string>(column.value)) << column.name;
  }
}

TEST(RecordRows, TheIdColumnIsRequired) {
  const auto names = ColumnsOf(Row("ID,TITLE"), InputKind::kItems, {});
  ASSERT_FALSE(names.has_value());
  EXPECT_THAT(names.error().message, HasSubstr("ITEM_ID is missing"));
}

}  // namespace
}  // namespace freshet::tools
