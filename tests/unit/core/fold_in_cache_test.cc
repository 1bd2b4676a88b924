#include "core/recipes/fold_in_cache.h"

#include <cstdint>
#include <memory>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<FoldedItem> Items(std::vector<std::uint32_t> rows, float strength = 1) {
  std::vector<FoldedItem> items;
  for (const std::uint32_t row : rows) items.push_back({FactorRow{row}, strength});
  return items;
}

class FoldInCacheTest : public testing::Test {
 protected:
  FoldInCacheTest() { cache_.Use(generation_); }

  const std::shared_ptr<const int> generation_ = std::make_shared<const int>(1);
  FoldInCache cache_;
};

TEST_F(FoldInCacheTest, FindsWhatWasKeptForExactlyTheseItems) {
  EXPECT_THAT(cache_.Find(UserId{7}, Items({1, 2})), IsEmpty());
  cache_.Keep(UserId{7}, Items({1, 2}), std::vector<float>{3, 4});
  EXPECT_THAT(cache_.Find(UserId{7}, Items({1, 2})), ElementsAre(3, 4));
  EXPECT_THAT(cache_.Find(UserId{8}, Items({1, 2})), IsEmpty());
  EXPECT_THAT(cache_.Find(UserId{7}, Items({2, 1})), IsEmpty());
  EXPECT_THAT(cache_.Find(UserId{7}, Items({1, 2, 3})), IsEmpty());
  EXPECT_THAT(cache_.Find(UserId{7}, Items({1})), IsEmpty());
  EXPECT_THAT(cache_.Find(UserId{7}, Items({1, 2}, 5)), IsEmpty());
}

TEST_F(FoldInCacheTest, HasTheLastThatCameToAPlace) {
  cache_.Keep(UserId{7}, Items({1}), std::vector<float>{3});
  cache_.Keep(UserId{7 + FoldInCache::kPlaces}, Items({1}), std::vector<float>{4});
  EXPECT_THAT(cache_.Find(UserId{7}, Items({1})), IsEmpty());
  EXPECT_THAT(cache_.Find(UserId{7 + FoldInCache::kPlaces}, Items({1})), ElementsAre(4));
}

TEST_F(FoldInCacheTest, ForgetsAllWithAnotherGeneration) {
  cache_.Keep(UserId{7}, Items({1}), std::vector<float>{3});
  cache_.Use(generation_);
  EXPECT_THAT(cache_.Find(UserId{7}, Items({1})), ElementsAre(3));
  cache_.Use(std::make_shared<const int>(1));
  EXPECT_THAT(cache_.Find(UserId{7}, Items({1})), IsEmpty());
  cache_.Use(generation_);
  EXPECT_THAT(cache_.Find(UserId{7}, Items({1})), IsEmpty());
}

}  // namespace
}  // namespace freshet::core
