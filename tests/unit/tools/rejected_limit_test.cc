#include "tools/rejected_limit.h"

#include <gtest/gtest.h>

namespace freshet::tools {
namespace {

TEST(RejectedLimit, IsANumberOfRowsOrAShareOfThem) {
  EXPECT_FALSE(RejectedLimit::Parse("0")->Allows(1, 1'000));
  EXPECT_TRUE(RejectedLimit::Parse("0")->Allows(0, 1'000));
  EXPECT_TRUE(RejectedLimit::Parse("10")->Allows(10, 20));
  EXPECT_FALSE(RejectedLimit::Parse("10")->Allows(11, 1'000'000));
  EXPECT_TRUE(RejectedLimit::Parse("0.5%")->Allows(5, 1'000));
  EXPECT_FALSE(RejectedLimit::Parse("0.5%")->Allows(6, 1'000));
}

TEST(RejectedLimit, WhatIsNeitherIsRefused) {
  for (const char* text : {"", "%", "-1", "101%", "many", "1e3", "5 %"}) {
    EXPECT_FALSE(RejectedLimit::Parse(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace freshet::tools
