#include "core/closest.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace freshet::core {
namespace {

const std::vector<std::string>& Names() {
  static const std::vector<std::string> names = {"server.listen", "server.threads", "log.kind"};
  return names;
}

TEST(ClosestName, FindsASlipOfOneLetter) {
  EXPECT_EQ(ClosestName("server.thread", Names()), "server.threads");
  EXPECT_EQ(ClosestName("server.lisen", Names()), "server.listen");
  EXPECT_EQ(ClosestName("log.kimd", Names()), "log.kind");
}

TEST(ClosestName, IsEmptyForAWordThatIsNothingLikeAName) {
  EXPECT_EQ(ClosestName("zzzzzzzz", Names()), "");
  EXPECT_EQ(ClosestName("", Names()), "");
}

TEST(ClosestName, TiesGoToTheNameThatStandsFirst) {
  const std::vector<std::string> names = {"ab", "ac"};
  EXPECT_EQ(ClosestName("ad", names), "ab");
}

TEST(ClosestName, IgnoresNamesTooLongToBeASlip) {
  EXPECT_EQ(ClosestName(std::string(100'000, 'x'), Names()), "");
}

TEST(DidYouMean, SaysNothingWithoutACloseName) {
  EXPECT_EQ(DidYouMean("log.kimd", Names()), "; did you mean log.kind?");
  EXPECT_EQ(DidYouMean("zzzzzzzz", Names()), "");
}

}  // namespace
}  // namespace freshet::core
