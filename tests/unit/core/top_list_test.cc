#include "core/top_list.h"

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::core {
namespace {

constexpr double kNew = -std::numeric_limits<double>::infinity();

std::vector<std::uint32_t> Shown(const TopList& list) {
  std::vector<std::uint32_t> items;
  for (const TopList::Entry& entry : list.items()) items.push_back(entry.item.value);
  return items;
}

TEST(TopList, ShowsTheBestFirst) {
  TopList list(3);
  list.Raise(ItemId{1}, kNew, 1);
  list.Raise(ItemId{2}, kNew, 3);
  list.Raise(ItemId{3}, kNew, 2);
  list.Raise(ItemId{4}, kNew, 0.5);
  EXPECT_THAT(Shown(list), testing::ElementsAre(2, 3, 1));
  list.Raise(ItemId{4}, 0.5, 2.5);
  EXPECT_THAT(Shown(list), testing::ElementsAre(2, 4, 3));
}

TEST(TopList, TiesGoToTheOlderItem) {
  TopList list(3);
  for (const std::uint32_t item : {7u, 2u, 9u, 4u}) list.Raise(ItemId{item}, kNew, 1);
  EXPECT_THAT(Shown(list), testing::ElementsAre(2, 4, 7));
  list.Raise(ItemId{1}, kNew, 0.5);
  list.Raise(ItemId{1}, 0.5, 1);
  EXPECT_THAT(Shown(list), testing::ElementsAre(1, 2, 4));
}

TEST(TopList, ARaiseToTheSameKeyChangesNothing) {
  TopList list(2);
  list.Raise(ItemId{0}, kNew, 2);
  list.Raise(ItemId{1}, kNew, 1);
  list.Raise(ItemId{1}, 1, 1);
  list.Raise(ItemId{0}, 2, 2);
  EXPECT_THAT(Shown(list), testing::ElementsAre(0, 1));
}

TEST(TopList, NeverShowsAnItemThatMayHaveABetterOneBehindIt) {
  TopList list(1);
  list.Raise(ItemId{0}, kNew, 4);
  list.Raise(ItemId{1}, kNew, 3);
  list.Raise(ItemId{2}, kNew, 2);  // turned away: two are kept
  list.Remove(ItemId{1}, 3);
  list.Raise(ItemId{3}, kNew, 1);  // worse than item 2, which is outside
  list.Remove(ItemId{0}, 4);
  EXPECT_TRUE(list.needs_refill());
  EXPECT_TRUE(list.items().empty());
  list.Refill({{1, ItemId{3}}, {2, ItemId{2}}});
  EXPECT_FALSE(list.needs_refill());
  EXPECT_THAT(Shown(list), testing::ElementsAre(2));
}

TEST(TopList, NeedsNoRefillWhenNothingWasEverLeftOut) {
  TopList list(12);
  for (std::uint32_t item = 0; item < 15; ++item) list.Raise(ItemId{item}, kNew, item);
  for (std::uint32_t item = 0; item < 15; ++item) {
    list.Remove(ItemId{item}, item);
    EXPECT_FALSE(list.needs_refill());
  }
  EXPECT_TRUE(list.items().empty());
}

TEST(TopList, OfLengthZeroShowsNothing) {
  TopList list(0);
  list.Raise(ItemId{0}, kNew, 1);
  list.Raise(ItemId{0}, 1, 2);
  list.Remove(ItemId{0}, 2);
  EXPECT_FALSE(list.needs_refill());
  EXPECT_TRUE(list.items().empty());
}

TEST(TopList, HoldsNoMoreThanTwiceWhatItShows) {
  TopList list(10);
  for (std::uint32_t item = 0; item < 10'000; ++item) list.Raise(ItemId{item}, kNew, item);
  EXPECT_LE(list.bytes(), 32 * sizeof(TopList::Entry));
}

// The list beside every key there is, sorted anew for each comparison.
class Model {
 public:
  explicit Model(std::size_t shown) : shown_(shown), list_(shown) {}

  void Raise(ItemId item, double by) {
    const auto [at, is_new] = keys_.try_emplace(item, 0);
    const double old_key = is_new ? kNew : at->second;
    at->second += by;
    list_.Raise(item, old_key, at->second);
  }

  void Remove(ItemId item) {
    const auto at = keys_.find(item);
    if (at == keys_.end()) return;
    list_.Remove(item, at->second);
    keys_.erase(at);
    if (list_.needs_refill()) {
      ++refills_;
      list_.Refill(All());
    }
  }

  void Check() const {
    std::vector<TopList::Entry> all = All();
    std::sort(all.begin(), all.end(), [](const TopList::Entry& a, const TopList::Entry& b) {
      return a.key != b.key ? a.key > b.key : a.item < b.item;
    });
    all.resize(std::min(all.size(), shown_));
    ASSERT_EQ(list_.items().size(), all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      ASSERT_EQ(list_.items()[i].item, all[i].item) << i;
      ASSERT_EQ(list_.items()[i].key, all[i].key) << i;
    }
  }

  [[nodiscard]] int refills() const { return refills_; }

 private:
  [[nodiscard]] std::vector<TopList::Entry> All() const {
    std::vector<TopList::Entry> all;
    for (const auto& [item, key] : keys_) all.push_back({key, item});
    return all;
  }

  std::size_t shown_;
  TopList list_;
  std::map<ItemId, double> keys_;
  int refills_ = 0;
};

TEST(TopList, AgreesWithASortThroughRandomRaisesAndRemovals) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (const std::size_t shown : {1u, 2u, 5u, 30u}) {
    Model model(shown);
    for (int step = 0; step < 15'000; ++step) {
      const ItemId item{static_cast<std::uint32_t>(random() % 100)};
      // Whole steps make ties; a deletion spree makes refills.
      const bool deleting = step / 500 % 2 == 1;
      if (random() % (deleting ? 2 : 20) == 0) {
        model.Remove(item);
      } else {
        model.Raise(item, random() % 3 == 0 ? 0.25 : static_cast<double>(random() % 4));
      }
      model.Check();
      if (HasFatalFailure()) return;
    }
    EXPECT_GT(model.refills(), 0);
  }
}

}  // namespace
}  // namespace freshet::core
