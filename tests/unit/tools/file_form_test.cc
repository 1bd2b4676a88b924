#include "tools/file_form.h"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::tools {
namespace {

using namespace std::string_view_literals;

using ::testing::StartsWith;

std::string WhyNot(std::string_view beginning, std::string_view path = "x.csv") {
  const auto form = FormOf(path, beginning, ",");
  return form ? std::string() : form.error().message;
}

TEST(FileForm, AWrongKindOfFileIsNamedForWhatItIs) {
  EXPECT_THAT(WhyNot("PK\x03\x04\x14\0\0\0\b\0x.csv"sv, "x.zip"), StartsWith("x.zip is a ZIP"));
  EXPECT_THAT(WhyNot("PK\x03\x04\x14\0\6\0\b\0[Content_Types].xml"sv, "x.xlsx"),
              StartsWith("x.xlsx is an Excel workbook"));
  EXPECT_THAT(WhyNot("\xFF\xFEU\0S\0E\0R\0_\0I\0D\0"sv), StartsWith("x.csv is UTF-16"));
  EXPECT_THAT(WhyNot("U\0S\0E\0R\0_\0I\0D\0"sv), StartsWith("x.csv is UTF-16"));
  EXPECT_THAT(WhyNot("PAR1\x15\x04\x15\x10"sv), StartsWith("x.csv is a Parquet file"));
  EXPECT_THAT(WhyNot("\x1f\x8b\x08\0"sv), StartsWith("x.csv is gzip packed twice"));
  EXPECT_THAT(WhyNot("\x28\xB5\x2F\xFD..."sv), StartsWith("x.csv is packed by zstd"));
  EXPECT_THAT(WhyNot("<!DOCTYPE html>"), StartsWith("x.csv is a web page"));
  EXPECT_THAT(WhyNot("USER_ID,ITEM_ID\na\0b,c\n"sv), StartsWith("x.csv is no text"));
}

TEST(FileForm, LineEndsOfCarriageReturnsAreNamed) {
  EXPECT_THAT(WhyNot("USER_ID,ITEM_ID,TIMESTAMP\ru,i,1\r"),
              StartsWith("x.csv: its lines end with CR alone"));
}

TEST(FileForm, AnotherDelimiterIsNamedWithTheFlagForIt) {
  EXPECT_EQ(WhyNot("USER_ID;ITEM_ID;TIMESTAMP\n"),
            "x.csv has ; between the fields: add --delimiter ';'");
  EXPECT_EQ(WhyNot("196\t242\t3\n"), "x.csv has tabs between the fields: add --delimiter tab");
  EXPECT_EQ(WhyNot("1::1193::5\n"), "x.csv has :: between the fields: add --delimiter '::'");
  EXPECT_THAT(WhyNot("1\x01"
                     "2\n"),
              StartsWith("x.csv has the byte 1 between the fields"));
  EXPECT_FALSE(FormOf("x.csv", "USER_ID,ITEM_ID\n", ";").has_value());
}

TEST(FileForm, JsonIsToldByWhatTheFileHolds) {
  EXPECT_EQ(FormOf("review.json", "{\"userId\":\"u\"}\n{", ",").value(), FileForm::kJsonLines);
  EXPECT_EQ(FormOf("x.csv", " \n{\"userId\":\"u\"}", ",").value(), FileForm::kJsonLines);
  EXPECT_EQ(FormOf("x.json", "\xEF\xBB\xBF[{}]", ",").value(), FileForm::kJsonValues);
  EXPECT_EQ(FormOf("x.json", "{\n  \"userId\": 1\n}\n", ",").value(), FileForm::kJsonValues);
  EXPECT_EQ(FormOf("x.ndjson.gz", "broken", ",").value(), FileForm::kJsonLines);
}

TEST(FileForm, NamesThatBeginLikeASignatureAreTables) {
  EXPECT_EQ(FormOf("x.csv", "ORCHESTRA,ITEM_ID\na,b\n", ",").value(), FileForm::kTable);
  EXPECT_EQ(FormOf("x.csv", "ITEM_ID\ntent\n", ",").value(), FileForm::kTable);
}

}  // namespace
}  // namespace freshet::tools
