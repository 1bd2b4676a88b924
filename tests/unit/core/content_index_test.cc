#include "core/content_index.h"

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/recipes/content_match.h"

namespace freshet::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::vector<Column> Titled(const std::string& title) { return {{"TITLE", title}}; }

std::vector<std::uint32_t> Alike(const ContentIndex& index, std::uint32_t item,
                                 std::size_t limit = 100) {
  std::vector<std::uint32_t> items;
  index.ForEachAlike(ItemId{item}, limit, [&](ItemId other) { items.push_back(other.value); });
  return items;
}

float Likeness(const ContentIndex& index, std::uint32_t a, std::uint32_t b) {
  ContentMatch match;
  match.Reset(index);
  match.Add(ItemId{a}, 1);
  return match.Of(ItemId{b});
}

class ContentIndexTest : public testing::Test {
 protected:
  Settings settings_;
  ContentIndex index_{settings_};
};

TEST_F(ContentIndexTest, TheCosineIsTheFormulas) {
  index_.Describe(ItemId{0}, Titled("red mug"));
  index_.Describe(ItemId{1}, Titled("blue mug"));
  index_.Describe(ItemId{2}, Titled("blue lamp"));
  // By hand: 4 = items + 1; red is in 1 item, mug and blue in 2.
  const double rare = std::log(4.0);
  const double common = std::log(2.0);
  const double cosine = common * common / std::sqrt(rare * rare + common * common) /
                        std::sqrt(common * common + common * common);
  EXPECT_NEAR(Likeness(index_, 0, 1), cosine, 1e-4);
  EXPECT_NEAR(Likeness(index_, 1, 0), cosine, 1e-4);
  EXPECT_NEAR(Likeness(index_, 0, 0), 1, 1e-4);
  EXPECT_EQ(Likeness(index_, 0, 2), 0);
}

TEST_F(ContentIndexTest, SeveralItemsSpeakByTheirWeights) {
  index_.Describe(ItemId{0}, Titled("red mug"));
  index_.Describe(ItemId{1}, Titled("green lamp"));
  index_.Describe(ItemId{2}, Titled("red lamp"));
  ContentMatch match;
  match.Reset(index_);
  match.Add(ItemId{0}, 1);
  match.Add(ItemId{1}, 3);
  const double mean = (Likeness(index_, 0, 2) + 3 * Likeness(index_, 1, 2)) / 4;
  EXPECT_NEAR(match.Of(ItemId{2}), mean, 1e-4);
  match.Reset(index_);
  EXPECT_TRUE(match.empty());
  match.Add(ItemId{0}, 1);
  EXPECT_NEAR(match.Of(ItemId{2}), Likeness(index_, 0, 2), 1e-6);
}

TEST_F(ContentIndexTest, WordsAndCategoryValuesAreTerms) {
  index_.Describe(ItemId{0},
                  std::vector<Column>{{"TITLE", std::string("Children's MUG, no. 7 Größe M")},
                                      {"GENRES", std::string("Home & Light|mug")},
                                      {"PRICE", *Number::Parse("7")},
                                      {"NEW", true}});
  // children's without its apostrophe, mug, no, 7, größe; "m" is no word. Two categories; one of
  // them is not the word of the same letters.
  EXPECT_EQ(index_.Terms(ItemId{0}).size(), 7U);
  index_.Describe(ItemId{1}, Titled("childrens"));
  index_.Describe(ItemId{2}, std::vector<Column>{{"GENRES", std::string("Home & Light")}});
  index_.Describe(ItemId{3}, Titled("home light m"));
  EXPECT_THAT(Alike(index_, 0), UnorderedElementsAre(1, 2));
}

TEST_F(ContentIndexTest, NumbersInCategoryAndTextColumnsAreTerms) {
  index_.Describe(ItemId{0}, std::vector<Column>{{"CATEGORY", *Number::Parse("77")},
                                                 {"TITLE", *Number::Parse("1984")}});
  index_.Describe(ItemId{1}, std::vector<Column>{{"CATEGORY", std::string("77")}});
  index_.Describe(ItemId{2}, Titled("1984"));
  EXPECT_THAT(Alike(index_, 0), UnorderedElementsAre(1, 2));
}

TEST_F(ContentIndexTest, RareTermsAndNewItemsComeFirst) {
  for (std::uint32_t i = 0; i < 6; ++i) index_.Describe(ItemId{i}, Titled("mug"));
  index_.Describe(ItemId{6}, Titled("mug retro"));
  index_.Describe(ItemId{7}, Titled("retro"));
  EXPECT_THAT(Alike(index_, 6, 3), ElementsAre(7, 5, 4));
  EXPECT_THAT(Alike(index_, 6, 0), IsEmpty());
}

TEST_F(ContentIndexTest, ANewDescriptionReplacesTheOld) {
  index_.Describe(ItemId{0}, Titled("red mug"));
  index_.Describe(ItemId{1}, Titled("red lamp"));
  index_.Describe(ItemId{1}, Titled("oak table"));
  EXPECT_THAT(Alike(index_, 0), IsEmpty());
  index_.Describe(ItemId{1}, Titled("mug"));
  EXPECT_THAT(Alike(index_, 0), ElementsAre(1));
  index_.Forget(ItemId{1});
  EXPECT_THAT(Alike(index_, 0), IsEmpty());
  EXPECT_FALSE(index_.empty());
  index_.Forget(ItemId{0});
  EXPECT_TRUE(index_.empty());
  EXPECT_EQ(Likeness(index_, 0, 1), 0);
}

TEST_F(ContentIndexTest, AnItemHasSoManyTermsAtMost) {
  settings_.maximum_terms_per_item = 3;
  index_.Describe(ItemId{0}, Titled("one two three four five"));
  EXPECT_EQ(index_.Terms(ItemId{0}).size(), 3U);
  settings_.maximum_terms_per_item = 0;
  index_.Describe(ItemId{0}, Titled("one two three four five"));
  EXPECT_TRUE(index_.empty());
}

// What a restart builds anew, in the order of slots, answers as what grew by and by.
TEST_F(ContentIndexTest, IsAFunctionOfTheDescriptions) {
  const auto title = [](std::uint32_t i) {
    return "w" + std::to_string(i % 7) + " w" + std::to_string(i % 11) + " w" +
           std::to_string(i % 3);
  };
  for (std::uint32_t i = 0; i < 200; ++i) index_.Describe(ItemId{i}, Titled(title(i + 1)));
  for (std::uint32_t i = 0; i < 200; i += 3) index_.Forget(ItemId{i});
  for (std::uint32_t i = 200; i-- > 0;) {
    if (i % 3 != 0) index_.Describe(ItemId{i}, Titled(title(i)));
  }
  ContentIndex fresh(settings_);
  for (std::uint32_t i = 0; i < 200; ++i) {
    if (i % 3 != 0) fresh.Describe(ItemId{i}, Titled(title(i)));
  }
  for (std::uint32_t i = 0; i < 200; ++i) {
    ASSERT_EQ(Alike(index_, i), Alike(fresh, i)) << i;
    for (std::uint32_t j = 0; j < 200; j += 7) {
      ASSERT_EQ(Likeness(index_, i, j), Likeness(fresh, i, j)) << i << ' ' << j;
    }
  }
}

}  // namespace
}  // namespace freshet::core
