#include "tools/rejected_rows.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/unit/tools/temporary_files.h"

namespace freshet::tools {
namespace {

TEST(RejectedRows, EachIsWrittenWithFileLineReasonAndRow) {
  const TemporaryFolder folder;
  RejectedRows rejected(folder.Path("bad.csv"));
  ASSERT_TRUE(rejected.Add("a.csv", 7, "TIMESTAMP is \"x\", it must be a number", "u,i,x").ok());
  ASSERT_TRUE(rejected.Add("a.csv", 9, "too short", "u").ok());
  ASSERT_TRUE(rejected.Close().ok());
  EXPECT_EQ(folder.Read("bad.csv"),
            "FILE,LINE,REASON,ROW\n"
            "a.csv,7,\"TIMESTAMP is \"\"x\"\", it must be a number\",\"u,i,x\"\n"
            "a.csv,9,too short,u\n");
  EXPECT_EQ(rejected.count(), 2U);
  EXPECT_EQ(rejected.first(), "a.csv:7: TIMESTAMP is \"x\", it must be a number");
}

TEST(RejectedRows, NoBadRowsLeaveNoFile) {
  const TemporaryFolder folder;
  RejectedRows rejected(folder.Path("bad.csv"));
  ASSERT_TRUE(rejected.Close().ok());
  EXPECT_FALSE(std::filesystem::exists(folder.Path("bad.csv")));
}

}  // namespace
}  // namespace freshet::tools
