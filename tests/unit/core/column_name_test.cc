#include "core/column_name.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace freshet::core {
namespace {

TEST(ColumnName, EverySpellingBecomesTheSchemas) {
  EXPECT_EQ(ToSchemaName("creationTimestamp"), "CREATION_TIMESTAMP");
  EXPECT_EQ(ToSchemaName("creation_timestamp"), "CREATION_TIMESTAMP");
  EXPECT_EQ(ToSchemaName("CREATION_TIMESTAMP"), "CREATION_TIMESTAMP");
  EXPECT_EQ(ToSchemaName("CreationTimestamp"), "CREATION_TIMESTAMP");
  EXPECT_EQ(ToSchemaName("genres"), "GENRES");
  EXPECT_EQ(ToSchemaName("categoryL1"), "CATEGORY_L1");
  EXPECT_EQ(ToSchemaName("category_l1"), "CATEGORY_L1");
  EXPECT_EQ(ToSchemaName("itemID"), "ITEM_ID");
}

TEST(ColumnName, ANameWithoutLowerCaseIsLeftAlone) {
  for (const std::string& name : std::vector<std::string>{"", "A", "GENRES", "_X_", "L1", "42"}) {
    EXPECT_EQ(ToSchemaName(name), name);
  }
}

TEST(ColumnName, OtherLettersThanAsciiAreLeftAlone) {
  EXPECT_EQ(ToSchemaName("größe"), "GRößE");
  EXPECT_EQ(ToJsonName("GRÖSSE"), "grÖsse");
}

TEST(ColumnName, JsonJoinsTheWords) {
  EXPECT_EQ(ToJsonName("CREATION_TIMESTAMP"), "creationTimestamp");
  EXPECT_EQ(ToJsonName("GENRES"), "genres");
  EXPECT_EQ(ToJsonName("CATEGORY_L1"), "categoryL1");
  EXPECT_EQ(ToJsonName("_HIDDEN__NAME_"), "hiddenName");
  EXPECT_EQ(ToJsonName(""), "");
}

TEST(ColumnName, ThePersonalizeColumnsComeBackFromJson) {
  for (const std::string& name : std::vector<std::string>{
           "CREATION_TIMESTAMP", "CATEGORY_L1", "CATEGORY_L2", "GENRES", "PRICE", "ITEM_ID",
           "PRODUCT_DESCRIPTION", "CONTENT_OWNER", "AGE_GROUP", "ADULT", "NUM_RATINGS"}) {
    EXPECT_EQ(ToSchemaName(ToJsonName(name)), name);
  }
}

}  // namespace
}  // namespace freshet::core
