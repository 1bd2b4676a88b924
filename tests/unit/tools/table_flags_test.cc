#include "tools/table_flags.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

core::Result<TableFormat> FormatOf(std::vector<std::string> arguments) {
  CLI::App app;
  TableFlags flags;
  flags.AddTo(&app);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  app.parse(std::move(arguments));
  return flags.Format();
}

TEST(TableFlags, DelimitersMayBeWrittenOut) {
  EXPECT_EQ(FormatOf({})->delimiter, ",");
  EXPECT_EQ(FormatOf({"--delimiter", "tab"})->delimiter, "\t");
  EXPECT_EQ(FormatOf({"--delimiter", "\\t"})->delimiter, "\t");
  EXPECT_EQ(FormatOf({"--delimiter", "\\x01"})->delimiter, "\x01");
  EXPECT_EQ(FormatOf({"--delimiter", ";"})->delimiter, ";");
  EXPECT_EQ(FormatOf({"--delimiter", "::"})->delimiter, "::");
  EXPECT_FALSE(FormatOf({"--delimiter", "\""}).has_value());
}

TEST(TableFlags, ColumnsAndRenames) {
  const auto format =
      FormatOf({"--columns", "USER_ID,ITEM_ID", "--rename", "a=B", "--rename", "c=d=E"});
  ASSERT_TRUE(format.has_value());
  EXPECT_THAT(format->columns, ElementsAre("USER_ID", "ITEM_ID"));
  EXPECT_THAT(format->renames, ElementsAre(Pair("a", "B"), Pair("c=d", "E")));
  EXPECT_FALSE(FormatOf({"--rename", "movieId"}).has_value());
}

}  // namespace
}  // namespace freshet::tools
