#include "daemon/json_elements.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// All elements; the last is "! " and the error when there is one.
std::vector<std::string> All(std::string_view text) {
  std::vector<std::string> all;
  JsonElements elements;
  for (;;) {
    const auto next = elements.Next(text);
    if (!next) {
      all.push_back("! " + next.error().message);
      return all;
    }
    if (!*next) return all;
    all.emplace_back(**next);
  }
}

TEST(JsonElements, AreFoundWithoutParsingWhatIsInThem) {
  EXPECT_THAT(All(" [ ]\n"), IsEmpty());
  EXPECT_THAT(All(R"([{"a":[1,2]} , 3,"x,]\"y" ,[[]],{"k":"}"}])"),
              ElementsAre(R"({"a":[1,2]})", "3", R"("x,]\"y")", "[[]]", R"({"k":"}"})"));
  EXPECT_THAT(All(R"(["\\",{}])"), ElementsAre(R"("\\")", "{}"));
  EXPECT_THAT(All("[1 2]"), ElementsAre("1 2"));
}

TEST(JsonElements, ABrokenArrayIsAnError) {
  EXPECT_THAT(All(""), ElementsAre(HasSubstr("ends too early")));
  EXPECT_THAT(All("[1,"), ElementsAre("1", HasSubstr("ends too early")));
  EXPECT_THAT(All("[1"), ElementsAre(HasSubstr("ends too early")));
  EXPECT_THAT(All(R"(["\")"), ElementsAre(HasSubstr("ends too early")));
  EXPECT_THAT(All("[{]"), ElementsAre(HasSubstr("ends too early")));
  EXPECT_THAT(All("[1,,2]"), ElementsAre("1", HasSubstr("byte 3: a value is missing")));
  EXPECT_THAT(All("[1,]"), ElementsAre("1", HasSubstr("a value is missing")));
  EXPECT_THAT(All("[1] x"), ElementsAre("1", HasSubstr("byte 4: text after the end")));
  EXPECT_THAT(All("{}"), ElementsAre(HasSubstr("not a JSON array")));
}

}  // namespace
}  // namespace freshet::daemon
