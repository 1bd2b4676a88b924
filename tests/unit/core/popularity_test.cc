#include "core/popularity.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/bytes.h"
#include "tests/unit/core/table_rows.h"

namespace freshet::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kNow = 1'790'000'000'000;

template <typename Entries>
std::vector<std::uint32_t> Slots(const Entries& entries) {
  std::vector<std::uint32_t> slots;
  for (const TopList::Entry& entry : entries) slots.push_back(entry.item.value);
  return slots;
}

class PopularityTest : public testing::Test {
 protected:
  PopularityTest() {
    settings_.popularity_half_life_ms = 7 * 24 * kHour;
    settings_.trend_half_life_ms = 2 * kHour;
  }

  // A new live item of the given category values.
  ItemId Born(const std::string& name, const std::string& genres = "") {
    const ItemId item = catalog_->FindOrAdd(name, kNow);
    popularity_->Touch(item, ++touch_);
    Describe(item, genres);
    return item;
  }

  void Describe(ItemId item, const std::string& genres) {
    popularity_->BeforeCategoriesChange(item);
    catalog_->SetColumns(item, {{"GENRES", genres}});
    popularity_->AfterCategoriesChange(item);
  }

  void Erase(ItemId item) {
    popularity_->Forget(item);
    catalog_->Erase(item);
  }

  void Count(ItemId item, int times, std::int64_t time_ms = kNow) {
    for (int i = 0; i < times; ++i) popularity_->Count(item, {1, 1}, time_ms, true);
  }

  [[nodiscard]] CategoryId Genre(const std::string& value) const {
    return catalog_->FindCategory(value);
  }

  void Reopen() {
    items_.Commit(catalog_.get());
    counters_.Commit(popularity_.get());
    const std::uint32_t slots = catalog_->slot_count();
    popularity_.reset();
    catalog_ = std::make_unique<Catalog>(settings_);
    ASSERT_TRUE(items_.LoadInto(catalog_.get()).ok());
    ASSERT_TRUE(catalog_->FinishLoad(slots).ok());
    popularity_ = std::make_unique<Popularity>(settings_, *catalog_);
    ASSERT_TRUE(counters_.LoadInto(popularity_.get()).ok());
    ASSERT_TRUE(popularity_->FinishLoad().ok());
  }

  // Starts over with the settings as they are now.
  void Start() {
    catalog_ = std::make_unique<Catalog>(settings_);
    popularity_ = std::make_unique<Popularity>(settings_, *catalog_);
  }

  Settings settings_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<Popularity> popularity_;
  TableRows items_{Table::kItems};
  TableRows counters_{Table::kPopularity};
  std::uint64_t touch_ = 0;
};

TEST_F(PopularityTest, KnowsNothingOfAnItemThatWasNeverCounted) {
  Start();
  const ItemId item = Born("milk", "a");
  for (const ItemId one : {item, ItemId{99}, ItemId{}}) {
    EXPECT_EQ(popularity_->Demand(one, kNow), 0);
    EXPECT_EQ(popularity_->Users(one), 0u);
    EXPECT_EQ(popularity_->Trend(one, kNow), 1);
  }
  EXPECT_THAT(popularity_->Popular(), IsEmpty());
  EXPECT_THAT(popularity_->Popular(Genre("a")), IsEmpty());
  EXPECT_THAT(popularity_->Recent(CategoryId{99}), IsEmpty());
}

TEST_F(PopularityTest, DemandIsTheDecayedSumOfWeights) {
  Start();
  const ItemId item = Born("milk");
  popularity_->Count(item, {5, 5}, kNow, true);
  popularity_->Count(item, {1, 1}, kNow, false);
  EXPECT_NEAR(popularity_->Demand(item, kNow), 6, 1e-6);
  EXPECT_NEAR(popularity_->Demand(item, kNow + 7 * 24 * kHour), 3, 1e-6);
  EXPECT_EQ(popularity_->Users(item), 1u);
}

TEST_F(PopularityTest, AnEventOfNoWeightCountsItsUserOnly) {
  Start();
  const ItemId item = Born("milk", "a");
  popularity_->Count(item, {0, 0}, kNow, true);
  EXPECT_EQ(popularity_->Users(item), 1u);
  EXPECT_EQ(popularity_->Demand(item, kNow), 0);
  EXPECT_THAT(Slots(popularity_->MostUsers()), ElementsAre(0));
  EXPECT_THAT(popularity_->Popular(), IsEmpty());
  Describe(item, "b");
  EXPECT_THAT(popularity_->Popular(Genre("b")), IsEmpty());
}

TEST_F(PopularityTest, EachListHasItsOwnOrder) {
  Start();
  const ItemId old_hit = Born("old hit");
  const ItemId fresh = Born("fresh");
  const ItemId devoted = Born("devoted");
  Count(old_hit, 20, kNow - 24 * kHour);
  Count(fresh, 3);
  for (int i = 0; i < 40; ++i) popularity_->Count(devoted, {1, 1}, kNow - 48 * kHour, i == 0);
  EXPECT_THAT(Slots(popularity_->Popular()), ElementsAre(2, 0, 1));
  EXPECT_THAT(Slots(popularity_->Recent()), ElementsAre(1, 0, 2));
  EXPECT_THAT(Slots(popularity_->MostUsers()), ElementsAre(0, 1, 2));
}

TEST_F(PopularityTest, ACategoryListsItsOwnItems) {
  Start();
  const ItemId one = Born("one", "a");
  const ItemId two = Born("two", "a|b");
  Count(one, 1);
  Count(two, 2);
  EXPECT_THAT(Slots(popularity_->Popular(Genre("a"))), ElementsAre(1, 0));
  EXPECT_THAT(Slots(popularity_->Recent(Genre("b"))), ElementsAre(1));
  Describe(two, "b|c");
  EXPECT_THAT(Slots(popularity_->Popular(Genre("a"))), ElementsAre(0));
  EXPECT_THAT(Slots(popularity_->Popular(Genre("c"))), ElementsAre(1));
  Erase(two);
  EXPECT_THAT(Slots(popularity_->Popular()), ElementsAre(0));
}

TEST_F(PopularityTest, ADeletedItemIsInNoListAndHasNoDemand) {
  Start();
  const ItemId item = Born("milk", "a");
  Count(item, 3);
  const CategoryId genre = Genre("a");
  Erase(item);
  EXPECT_EQ(popularity_->Demand(item, kNow), 0);
  for (const auto list : {popularity_->Popular(), popularity_->Recent(), popularity_->MostUsers(),
                          popularity_->Popular(genre), popularity_->Recent(genre)}) {
    EXPECT_THAT(list, IsEmpty());
  }
  EXPECT_FALSE(popularity_->LongestIdle().valid());
}

TEST_F(PopularityTest, ListsAreRefilledWhenTheirBestAreDeleted) {
  settings_.popular_items = 2;
  settings_.popular_items_per_category = 1;
  Start();
  for (int i = 0; i < 10; ++i) Count(Born("item " + std::to_string(i), "a"), 20 - i);
  for (std::uint32_t gone = 0; gone < 8; ++gone) {
    Erase(ItemId{gone});
    EXPECT_THAT(Slots(popularity_->Popular()), ElementsAre(gone + 1, gone + 2));
    EXPECT_THAT(Slots(popularity_->MostUsers()), ElementsAre(gone + 1, gone + 2));
    EXPECT_THAT(Slots(popularity_->Recent(Genre("a"))), ElementsAre(gone + 1));
  }
}

TEST_F(PopularityTest, TheLongestIdleItemIsTheOneTouchedLongestAgo) {
  Start();
  const ItemId one = Born("one");
  const ItemId two = Born("two");
  EXPECT_EQ(popularity_->LongestIdle(), one);
  popularity_->Touch(one, ++touch_);
  EXPECT_EQ(popularity_->LongestIdle(), two);
  Reopen();
  EXPECT_EQ(popularity_->LongestIdle(), two);
}

TEST_F(PopularityTest, ASteadyItemHasNoTrend) {
  Start();
  const ItemId item = Born("steady");
  std::int64_t time_ms = kNow;
  // Ten events an hour for ten of the long half-lives.
  for (int i = 0; i < 10 * 7 * 24 * 10; ++i) {
    time_ms += kHour / 10;
    popularity_->Count(item, {1, 1}, time_ms, true);
  }
  EXPECT_NEAR(popularity_->Trend(item, time_ms), 1, 0.03);
}

TEST_F(PopularityTest, ABurstIsATrendAndAnAbandonedItemIsBelowOne) {
  Start();
  const ItemId burst = Born("burst");
  const ItemId abandoned = Born("abandoned");
  const ItemId once = Born("once");
  for (int i = 0; i < 1000; ++i) Count(abandoned, 1, kNow - 24 * kHour);
  for (int i = 0; i < 1000; ++i) Count(burst, 1, kNow - 24 * kHour);
  Count(burst, 300);
  Count(once, 1);
  EXPECT_GT(popularity_->Trend(burst, kNow), 10);
  EXPECT_LT(popularity_->Trend(abandoned, kNow), 0.5);
  // One event on a new item is no trend: the prior of five holds it down.
  EXPECT_NEAR(popularity_->Trend(once, kNow), 6 / (5 + 2.0 / 168), 1e-6);
}

TEST_F(PopularityTest, OnlyWhatChangedIsWritten) {
  Start();
  for (int i = 0; i < 10; ++i) Born("item " + std::to_string(i));
  EXPECT_EQ(counters_.Commit(popularity_.get()), 10u);
  EXPECT_EQ(counters_.Commit(popularity_.get()), 0u);
  Count(ItemId{3}, 2);
  Erase(ItemId{4});
  EXPECT_EQ(counters_.Commit(popularity_.get()), 2u);
  EXPECT_EQ(counters_.rows().size(), 9u);
}

TEST_F(PopularityTest, RefusesRowsThatItDidNotWrite) {
  Start();
  Count(Born("milk"), 2);
  Born("bread");
  counters_.Commit(popularity_.get());
  for (const auto& [key, value] : counters_.rows()) {
    ExpectRowIsGuarded(Table::kPopularity, key, value,
                       [this] { return Popularity(settings_, *catalog_); });
  }
}

TEST_F(PopularityTest, RefusesCountersThatAreNoNumbers) {
  Start();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {infinity, std::numeric_limits<double>::quiet_NaN()}) {
    std::string value;
    ByteWriter writer(&value);
    writer.Number<std::uint8_t>(1);
    writer.Number<std::uint64_t>(1);
    writer.Number<std::uint64_t>(1);
    writer.Number(0.0);
    writer.Number(bad);
    ExpectCorruption(popularity_->LoadRow(SlotKey(0), value), Table::kPopularity);
  }
}

TEST_F(PopularityTest, RefusesTheCountersOfAnItemThatIsNotLive) {
  Start();
  Born("milk");
  counters_.Commit(popularity_.get());
  const Catalog empty(settings_);
  Popularity loaded(settings_, empty);
  ASSERT_TRUE(counters_.LoadInto(&loaded).ok());
  ExpectCorruption(loaded.FinishLoad(), Table::kPopularity);
}

TEST_F(PopularityTest, BytesCoverTheCounters) {
  Start();
  const std::size_t before = popularity_->bytes();
  for (int i = 0; i < 1000; ++i) Count(Born("item " + std::to_string(i), "a"), 1);
  EXPECT_GE(popularity_->bytes(), before + 1000 * (24 + 24));
}

// The lists against a sort of everything, through whatever may happen to an item.
class RandomPopularityTest : public PopularityTest {
 protected:
  struct ModelItem {
    DecayedCounter over_long;
    DecayedCounter over_short;
    std::uint64_t users = 0;
    std::uint64_t touch = 0;
  };

  void Step(std::mt19937* random) {
    std::mt19937& next = *random;
    now_ += static_cast<std::int64_t>(next() % kHour);
    const std::string name = "item " + std::to_string(next() % 40);
    const ItemId known = catalog_->Find(name);
    if (!known.valid()) {
      const ItemId item = Born(name, RandomGenres(random));
      model_[item] = ModelItem();
      model_[item].touch = touch_;
    } else if (next() % 12 == 0) {
      Erase(known);
      model_.erase(known);
    } else if (next() % 8 == 0) {
      Describe(known, RandomGenres(random));
    } else {
      CountBoth(known, random);
    }
  }

  void CountBoth(ItemId item, std::mt19937* random) {
    const bool new_user = (*random)() % 2 == 0;
    const auto weight = static_cast<double>((*random)() % 4);
    const std::int64_t time_ms = now_ - static_cast<std::int64_t>((*random)() % (3 * kHour));
    popularity_->Touch(item, ++touch_);
    popularity_->Count(item, {weight, weight}, time_ms, new_user);
    ModelItem& counts = model_[item];
    counts.touch = touch_;
    if (new_user) ++counts.users;
    if (weight == 0) return;
    counts.over_long.Add(weight, time_ms, settings_.popularity_half_life_ms);
    counts.over_short.Add(weight, time_ms, settings_.trend_half_life_ms);
  }

  static std::string RandomGenres(std::mt19937* random) {
    std::string genres;
    for (char c = 'a'; c <= 'e'; ++c) {
      if ((*random)() % 3 == 0) genres += std::string("|") + c;
    }
    return genres;
  }

  using KeyOf = std::function<double(const ModelItem&)>;

  [[nodiscard]] std::vector<std::uint32_t> Best(CategoryId category, const KeyOf& key_of) const {
    std::vector<TopList::Entry> all;
    for (const auto& [item, counts] : model_) {
      const auto categories = catalog_->Categories(item);
      const bool is_member =
          category == kNoCategory ||
          std::find(categories.begin(), categories.end(), category) != categories.end();
      if (is_member && std::isfinite(key_of(counts))) all.push_back({key_of(counts), item});
    }
    std::sort(all.begin(), all.end(), [](const TopList::Entry& a, const TopList::Entry& b) {
      return a.key != b.key ? a.key > b.key : a.item < b.item;
    });
    const std::size_t shown =
        category == kNoCategory ? settings_.popular_items : settings_.popular_items_per_category;
    all.resize(std::min(all.size(), shown));
    return Slots(all);
  }

  void Check() const {
    const auto by_long = [](const ModelItem& item) { return item.over_long.log2_mass(); };
    const auto by_short = [](const ModelItem& item) { return item.over_short.log2_mass(); };
    const auto by_users = [](const ModelItem& item) {
      return item.users == 0 ? -std::numeric_limits<double>::infinity()
                             : static_cast<double>(item.users);
    };
    ASSERT_EQ(Slots(popularity_->MostUsers()), Best(kNoCategory, by_users));
    ASSERT_EQ(Slots(popularity_->Popular()), Best(kNoCategory, by_long));
    ASSERT_EQ(Slots(popularity_->Recent()), Best(kNoCategory, by_short));
    for (std::uint32_t id = 0; id < catalog_->category_count(); ++id) {
      ASSERT_EQ(Slots(popularity_->Popular(CategoryId{id})), Best(CategoryId{id}, by_long));
      ASSERT_EQ(Slots(popularity_->Recent(CategoryId{id})), Best(CategoryId{id}, by_short));
    }
    ItemId idle;
    for (const auto& [item, counts] : model_) {
      if (!idle.valid() || counts.touch < model_.at(idle).touch) idle = item;
      ASSERT_EQ(popularity_->Users(item), counts.users);
      ASSERT_EQ(popularity_->Demand(item, now_),
                counts.over_long.At(now_, settings_.popularity_half_life_ms));
    }
    ASSERT_EQ(popularity_->LongestIdle(), idle);
  }

  std::int64_t now_ = kNow;
  std::map<ItemId, ModelItem> model_;
};

TEST_F(RandomPopularityTest, AgreesWithAModelThroughRandomChangesAndReopenings) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  settings_.popular_items = 4;
  settings_.popular_items_per_category = 2;
  settings_.maximum_categories = 4;
  settings_.category_columns = {"GENRES"};
  Start();
  for (int step = 0; step < 8000; ++step) {
    Step(&random);
    if (random() % 50 == 0) Reopen();
    Check();
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace freshet::core
