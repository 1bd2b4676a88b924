#include "tools/table_columns.h"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

core::Result<TableColumns> Named(std::string_view text, InputKind kind = InputKind::kEvents,
                                 const TableFormat& format = {}) {
  CsvRow header{1, text, {}, {}};
  while (true) {
    const std::size_t comma = text.find(',');
    header.fields.push_back({text.substr(0, comma), false});
    if (comma == std::string_view::npos) return ColumnsOf(header, kind, format);
    text.remove_prefix(comma + 1);
  }
}

TEST(TableColumns, BlanksAroundNamesAreNoPartOfThem) {
  const auto columns = Named("USER_ID, ITEM_ID ,\tTIMESTAMP");
  ASSERT_TRUE(columns.has_value()) << columns.error().message;
  EXPECT_THAT(columns->names, ElementsAre("USER_ID", "ITEM_ID", "TIMESTAMP"));
  EXPECT_TRUE(columns->is_padded);
  EXPECT_EQ(columns->said, "");
}

TEST(TableColumns, NamesOfUsualFilesAreUnderstood) {
  EXPECT_THAT(Named("userId,movieId,rating,timestamp")->names,
              ElementsAre("USER_ID", "ITEM_ID", "EVENT_VALUE", "TIMESTAMP"));
  EXPECT_THAT(Named("timestamp,visitorid,event,itemid")->names,
              ElementsAre("TIMESTAMP", "USER_ID", "EVENT_TYPE", "ITEM_ID"));
  EXPECT_THAT(Named("event_time,event_type,product_id,price,user_id,user_session")->names,
              ElementsAre("TIMESTAMP", "EVENT_TYPE", "ITEM_ID", "PRICE", "USER_ID", "SESSION_ID"));
  EXPECT_THAT(Named("movieId,title,genres", InputKind::kItems)->names,
              ElementsAre("ITEM_ID", "TITLE", "GENRES"));
}

TEST(TableColumns, WhatMayMeanTwoThingsIsNotGuessed) {
  const auto columns = Named("user,movieId,productId,timestamp");
  ASSERT_FALSE(columns.has_value());
  EXPECT_THAT(columns.error().message, HasSubstr("ITEM_ID is missing"));
  EXPECT_THAT(columns.error().message, HasSubstr("--rename NAME=ITEM_ID"));
  EXPECT_THAT(Named("USER_ID,ITEM_ID,TIMESTAMP,DATE")->names,
              ElementsAre("USER_ID", "ITEM_ID", "TIMESTAMP", "DATE"));
}

TEST(TableColumns, ARenameGoesBeforeAKnownName) {
  TableFormat format;
  format.renames = {{"productId", "ITEM_ID"}, {"Besucher", "userId"}};
  EXPECT_THAT(Named("Besucher,movieId,productId,timestamp", InputKind::kEvents, format)->names,
              ElementsAre("USER_ID", "MOVIE_ID", "ITEM_ID", "TIMESTAMP"));
}

TEST(TableColumns, AFileWithoutAHeaderIsTold) {
  const auto columns = Named("196,242,3,881250949");
  ASSERT_FALSE(columns.has_value());
  EXPECT_THAT(columns.error().message, HasSubstr("--columns USER_ID,ITEM_ID"));
}

TEST(TableColumns, AMessageShowsNoControlBytesAndNotAllOfALongLine) {
  const auto columns = Named("a\x1b[2J,b," + std::string(10'000, 'c'));
  ASSERT_FALSE(columns.has_value());
  EXPECT_THAT(columns.error().message, Not(HasSubstr("\x1b")));
  EXPECT_LT(columns.error().message.size(), 400U);
}

}  // namespace
}  // namespace freshet::tools
