#include "core/multi_value.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>

namespace freshet::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> ValuesOf(std::string_view text) {
  std::vector<std::string> values;
  ForEachValue(text, [&](std::string_view value) { values.emplace_back(value); });
  return values;
}

TEST(ForEachValue, BlanksAroundABarDoNotBelongToTheValue) {
  EXPECT_THAT(ValuesOf("Action | Comedy"), ElementsAre("Action", "Comedy"));
  EXPECT_THAT(ValuesOf("  Film noir\t|\r\nDrama "), ElementsAre("Film noir", "Drama"));
}

TEST(ForEachValue, EmptyValuesAreLeftOut) {
  EXPECT_THAT(ValuesOf("|a|| |b|"), ElementsAre("a", "b"));
  EXPECT_THAT(ValuesOf(""), IsEmpty());
  EXPECT_THAT(ValuesOf("   "), IsEmpty());
  EXPECT_THAT(ValuesOf(" | | "), IsEmpty());
}

TEST(ForEachValue, OneValueIsOne) { EXPECT_THAT(ValuesOf("Action"), ElementsAre("Action")); }

}  // namespace
}  // namespace freshet::core
