#include "core/recipes/candidates.h"

#include <cstdint>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::uint32_t> ItemsOf(Candidates* candidates) {
  std::vector<std::uint32_t> items;
  for (const Candidate& candidate : candidates->all()) items.push_back(candidate.item.value);
  return items;
}

TEST(Candidates, GatherWhatSpeaksForAnItem) {
  Candidates candidates;
  candidates.Reset(10);
  candidates.Add(ItemId{3}, Feature::kSession, 1);
  candidates.Add(ItemId{7}, Feature::kSession, 2, ItemId{1});
  candidates.Add(ItemId{3}, Feature::kSession, 4, ItemId{2});
  candidates.Add(ItemId{3}, Feature::kUsers, 8);
  EXPECT_THAT(ItemsOf(&candidates), ElementsAre(3, 7));
  EXPECT_EQ(candidates.Find(ItemId{3})->Value(Feature::kSession), 5);
  EXPECT_EQ(candidates.Find(ItemId{3})->Value(Feature::kUsers), 8);
  EXPECT_EQ(candidates.Find(ItemId{3})->Because(), ItemId{2});
  EXPECT_EQ(candidates.Find(ItemId{7})->Because(), ItemId{1});
  EXPECT_EQ(candidates.Find(ItemId{4}), nullptr);
}

// Places are used again: by the next query, after an exclusion, after KeepIf.
TEST(Candidates, BeginBlank) {
  Candidates candidates;
  candidates.Reset(10);
  const auto add_all = [&] {
    for (std::uint32_t item = 0; item < 10; ++item) {
      candidates.Add(ItemId{item}, Feature::kSession, 1, ItemId{0});
      candidates.FindOrAdd(ItemId{item})->score = 1;
    }
  };
  const auto expect_blank = [&](std::uint32_t item) {
    const Candidate& blank = *candidates.FindOrAdd(ItemId{item});
    EXPECT_EQ(blank.item, ItemId{item});
    EXPECT_EQ(blank.Value(Feature::kSession), 0);
    EXPECT_EQ(blank.argument, 0U);
    EXPECT_EQ(blank.score, 0);
  };
  add_all();
  candidates.Reset(10);
  EXPECT_THAT(ItemsOf(&candidates), IsEmpty());
  expect_blank(4);

  add_all();
  candidates.KeepIf([](const Candidate& candidate) { return candidate.item.value % 2 == 0; });
  EXPECT_EQ(candidates.all().size(), 5U);
  expect_blank(3);
  EXPECT_EQ(candidates.Find(ItemId{8})->Value(Feature::kSession), 1);

  candidates.Reset(12);
  add_all();
  candidates.Exclude(ItemId{2});
  EXPECT_EQ(candidates.all().size(), 9U);
  expect_blank(11);
}

TEST(Candidates, AnExcludedItemDoesNotComeBackInThisQuery) {
  Candidates candidates;
  candidates.Reset(5);
  candidates.Add(ItemId{1}, Feature::kSession, 1);
  candidates.Add(ItemId{2}, Feature::kSession, 2);
  candidates.Exclude(ItemId{1});
  candidates.Exclude(ItemId{4});
  EXPECT_EQ(candidates.FindOrAdd(ItemId{1}), nullptr);
  EXPECT_EQ(candidates.FindOrAdd(ItemId{4}), nullptr);
  EXPECT_THAT(ItemsOf(&candidates), ElementsAre(2));
  EXPECT_EQ(candidates.Find(ItemId{2})->Value(Feature::kSession), 2);
  EXPECT_TRUE(candidates.IsExcluded(ItemId{1}));

  candidates.Reset(5);
  EXPECT_FALSE(candidates.IsExcluded(ItemId{1}));
  EXPECT_NE(candidates.FindOrAdd(ItemId{1}), nullptr);
}

TEST(Candidates, AreSortedByItemAndStillFound) {
  Candidates candidates;
  candidates.Reset(100);
  for (std::uint32_t item = 100; item-- > 0;) {
    candidates.Add(ItemId{item}, Feature::kUsers, static_cast<float>(item));
  }
  candidates.SortByItem();
  std::uint32_t expected = 0;
  for (const Candidate& candidate : candidates.all()) EXPECT_EQ(candidate.item.value, expected++);
  EXPECT_EQ(expected, 100U);
  EXPECT_EQ(candidates.Find(ItemId{42})->Value(Feature::kUsers), 42);
}

}  // namespace
}  // namespace freshet::core
