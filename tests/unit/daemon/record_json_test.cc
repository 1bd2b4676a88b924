#include "daemon/record_json.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const core::Column kCategory{"CATEGORY", std::string("x")};

std::string RecordError(const std::string& json) {
  const auto record = DecodeRecord("itemId", json);
  return record ? "no error" : record.error().message;
}

std::string MetadataError(const std::string& json) {
  const auto columns = DecodeMetadata("itemId", "q1", json);
  return columns ? "no error" : columns.error().message;
}

std::vector<core::Column> Metadata(const std::string& json) {
  const auto columns = DecodeMetadata("itemId", "q1", json);
  EXPECT_TRUE(columns) << json << ": " << columns.error().message;
  return columns ? *columns : std::vector<core::Column>();
}

TEST(DecodeRecord, TakesAnIntegerForAnId) {
  const auto record = DecodeRecord("userId", R"({"userId":9007199254740993,"properties":{}})");
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->id, "9007199254740993");
}

TEST(DecodeRecord, RefusesMembersThatARecordDoesNotHave) {
  EXPECT_THAT(RecordError(R"({"itemId":"cup","properties":{"category":"x"},"__deleted":"true"})"),
              HasSubstr("\"__deleted\" is not a member of an item's record; it looks like a row "
                        "that Debezium rewrote"));
  EXPECT_THAT(RecordError(R"({"item_id":"cup","properties":{}})"),
              HasSubstr("did you mean itemId?"));
  EXPECT_THAT(RecordError(R"({"itemId":"cup","propertys":{}})"),
              HasSubstr("did you mean properties?"));
  EXPECT_THAT(RecordError(R"({"itemId":"cup","category":"x"})"),
              HasSubstr("\"category\" is not a member of an item's record; metadata stand in "
                        "properties"));
}

TEST(DecodeRecord, TakesEnvelopesOff) {
  const auto connect = DecodeRecord(
      "itemId", R"({"schema":{},"payload":{"itemId":"cup","properties":{"category":"x"}}})");
  ASSERT_TRUE(connect) << connect.error().message;
  EXPECT_EQ(connect->id, "cup");
  EXPECT_THAT(connect->columns, ElementsAre(kCategory));
  const auto deleted =
      DecodeRecord("itemId", R"({"before":{"itemId":"cup"},"after":null,"op":"d"})");
  ASSERT_TRUE(deleted) << deleted.error().message;
  EXPECT_TRUE(deleted->is_deleted);
}

TEST(DecodeMetadata, UnderstandsTheFormOfATopic) {
  EXPECT_THAT(Metadata(R"({"category":"x"})"), ElementsAre(kCategory));
  EXPECT_THAT(Metadata(R"({"properties":{"category":"x"}})"), ElementsAre(kCategory));
  EXPECT_THAT(Metadata(R"({"properties":"{\"category\":\"x\"}"})"), ElementsAre(kCategory));
  EXPECT_THAT(Metadata(R"({"itemId":"q1","properties":{"category":"x"}})"), ElementsAre(kCategory));
  EXPECT_THAT(Metadata(R"({"itemId":"q1","category":"x"})"), ElementsAre(kCategory));
  EXPECT_THAT(Metadata("{}"), IsEmpty());
}

TEST(DecodeMetadata, RefusesPropertiesThatAreNoMetadata) {
  EXPECT_THAT(MetadataError(R"({"properties":"text"})"),
              HasSubstr("Error parsing properties json"));
  EXPECT_THAT(MetadataError(R"({"properties":5})"), HasSubstr("properties is a number"));
  EXPECT_THAT(MetadataError(R"({"properties":{},"category":"x"})"),
              HasSubstr("\"category\" is not a member of an item's record"));
}

TEST(DecodeMetadata, RefusesAnIdThatContradictsThePath) {
  EXPECT_EQ(MetadataError(R"({"itemId":"other","category":"x"})"),
            "itemId is \"other\" in the body, but the path says \"q1\"");
  EXPECT_THAT(MetadataError(R"({"itemId":7,"properties":{}})"), HasSubstr("itemId is \"7\""));
}

}  // namespace
}  // namespace freshet::daemon
