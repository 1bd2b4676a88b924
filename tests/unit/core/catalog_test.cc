#include "core/catalog.h"

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/table_rows.h"

namespace freshet::core {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kBorn = 1'790'000'000'000;

std::vector<Column> Text(const std::string& name, const std::string& value) {
  return {{name, ColumnValue(value)}};
}

class CatalogTest : public testing::Test {
 protected:
  // The category values of the item, by looking each one of the alphabet up.
  std::vector<std::string> CategoriesOf(const Catalog& catalog, ItemId item) {
    std::vector<std::string> values;
    for (const CategoryId category : catalog.Categories(item)) {
      std::string found = "?";
      for (char c = 'a'; c <= 'z'; ++c) {
        if (catalog.FindCategory(std::string(1, c)) == category) found = std::string(1, c);
      }
      values.push_back(found);
    }
    return values;
  }

  std::unique_ptr<Catalog> Reopen(Catalog* catalog) {
    rows_.Commit(catalog);
    auto reopened = std::make_unique<Catalog>(settings_);
    EXPECT_TRUE(rows_.LoadInto(reopened.get()).ok());
    EXPECT_TRUE(reopened->FinishLoad(catalog->slot_count()).ok());
    return reopened;
  }

  Settings settings_;
  TableRows rows_{Table::kItems};
};

TEST_F(CatalogTest, AnItemIsBornOnceAndGetsTheNextSlot) {
  Catalog catalog(settings_);
  EXPECT_FALSE(catalog.Find("milk").valid());
  const ItemId milk = catalog.FindOrAdd("milk", kBorn);
  const ItemId bread = catalog.FindOrAdd("bread", kBorn + 1);
  EXPECT_EQ(catalog.FindOrAdd("milk", kBorn + 2), milk);
  EXPECT_EQ(milk.value, 0u);
  EXPECT_EQ(bread.value, 1u);
  EXPECT_EQ(catalog.Find("bread"), bread);
  EXPECT_EQ(catalog.Name(milk), "milk");
  EXPECT_EQ(catalog.CreatedMs(milk), kBorn);
  EXPECT_FALSE(catalog.IsDescribed(milk));
  EXPECT_TRUE(catalog.Columns(milk).empty());
  EXPECT_EQ(catalog.live_count(), 2u);
}

TEST_F(CatalogTest, NoItemIsLiveThatWasNeverGivenASlot) {
  const Catalog catalog(settings_);
  EXPECT_FALSE(catalog.IsLive(ItemId{}));
  EXPECT_FALSE(catalog.IsLive(ItemId{0}));
  EXPECT_FALSE(catalog.IsDescribed(ItemId{7}));
  EXPECT_TRUE(catalog.Categories(ItemId{}).empty());
  EXPECT_EQ(catalog.Name(ItemId{}), "");
}

TEST_F(CatalogTest, AnErasedItemKeepsNothingAndItsSlotIsNeverGivenAgain) {
  Catalog catalog(settings_);
  const ItemId first = catalog.FindOrAdd("milk", kBorn);
  catalog.SetColumns(first, Text("GENRES", "a|b"));
  catalog.Erase(first);
  EXPECT_FALSE(catalog.IsLive(first));
  EXPECT_EQ(catalog.Name(first), "");
  EXPECT_TRUE(catalog.Columns(first).empty());
  EXPECT_TRUE(catalog.Categories(first).empty());
  EXPECT_FALSE(catalog.FindCategory("a").valid());
  EXPECT_EQ(catalog.live_count(), 0u);
  EXPECT_EQ(catalog.FindOrAdd("milk", kBorn).value, 1u);
}

TEST_F(CatalogTest, SettingColumnsReplacesThemAll) {
  Catalog catalog(settings_);
  const ItemId item = catalog.FindOrAdd("milk", kBorn);
  catalog.SetColumns(item, {{"PRICE", *Number::Parse("1.5")}, {"GENRES", "a"}, {"FRESH", true}});
  EXPECT_TRUE(catalog.IsDescribed(item));
  catalog.SetColumns(item, Text("GENRES", "b"));
  EXPECT_THAT(catalog.Columns(item), ElementsAre(Column{"GENRES", "b"}));
  EXPECT_THAT(CategoriesOf(catalog, item), ElementsAre("b"));
  catalog.SetColumns(item, {});
  EXPECT_TRUE(catalog.IsDescribed(item));
  EXPECT_TRUE(catalog.Categories(item).empty());
}

TEST_F(CatalogTest, CategoriesStandInTheOrderOfTheSettingsAndOfTheValue) {
  settings_.category_columns = {"CATEGORY", "GENRES"};
  Catalog catalog(settings_);
  const ItemId item = catalog.FindOrAdd("film", kBorn);
  catalog.SetColumns(item, {{"GENRES", "|d||a|b|"}, {"OTHER", "x"}, {"CATEGORY", "c|a"}});
  EXPECT_THAT(CategoriesOf(catalog, item), ElementsAre("c", "a", "d", "b"));
}

TEST_F(CatalogTest, ACategoryThatIsANumberIsACategory) {
  Catalog catalog(settings_);
  const ItemId number = catalog.FindOrAdd("film", kBorn);
  const ItemId text = catalog.FindOrAdd("book", kBorn);
  catalog.SetColumns(number, {{"CATEGORY", *Number::Parse("77")}, {"GENRE", true}});
  catalog.SetColumns(text, Text("CATEGORY", "77"));
  const CategoryId category = catalog.FindCategory("77");
  ASSERT_TRUE(category.valid());
  EXPECT_THAT(catalog.Categories(number), ElementsAre(category, catalog.FindCategory("true")));
  EXPECT_THAT(catalog.Categories(text), ElementsAre(category));
  EXPECT_EQ(catalog.Columns(number)[0], (Column{"CATEGORY", *Number::Parse("77")}));
}

TEST_F(CatalogTest, BlanksAroundBarsAreNoneOfACategorys) {
  Catalog catalog(settings_);
  const ItemId item = catalog.FindOrAdd("film", kBorn);
  catalog.SetColumns(item, {{"GENRES", "Action | Comedy"}, {"CATEGORY", "||| |"}});
  EXPECT_EQ(catalog.category_count(), 2u);
  EXPECT_THAT(catalog.Categories(item),
              ElementsAre(catalog.FindCategory("Action"), catalog.FindCategory("Comedy")));
}

TEST_F(CatalogTest, AnItemHasNoMoreCategoriesThanTheSettingsAllow) {
  settings_.maximum_categories_per_item = 2;
  Catalog catalog(settings_);
  const ItemId item = catalog.FindOrAdd("film", kBorn);
  catalog.SetColumns(item, Text("GENRES", "a|a|b|c"));
  EXPECT_THAT(CategoriesOf(catalog, item), ElementsAre("a", "b"));
}

TEST_F(CatalogTest, AValueBeyondTheCapIsRefusedUntilAnotherLeaves) {
  settings_.maximum_categories = 2;
  Catalog catalog(settings_);
  const ItemId one = catalog.FindOrAdd("one", kBorn);
  const ItemId two = catalog.FindOrAdd("two", kBorn);
  catalog.SetColumns(one, Text("GENRES", "a|b"));
  catalog.SetColumns(two, Text("GENRES", "b|c"));
  EXPECT_THAT(CategoriesOf(catalog, two), ElementsAre("b"));
  EXPECT_EQ(catalog.categories_refused(), 1u);
  catalog.Erase(one);
  EXPECT_THAT(CategoriesOf(catalog, two), ElementsAre("b"));
  catalog.SetColumns(two, Text("GENRES", "b|c"));
  EXPECT_THAT(CategoriesOf(catalog, two), ElementsAre("b", "c"));
  EXPECT_EQ(catalog.categories_refused(), 1u);
}

TEST_F(CatalogTest, ARefusedValueStaysRefusedThroughARestart) {
  settings_.maximum_categories = 1;
  Catalog catalog(settings_);
  const ItemId one = catalog.FindOrAdd("one", kBorn);
  const ItemId two = catalog.FindOrAdd("two", kBorn);
  const ItemId three = catalog.FindOrAdd("three", kBorn);
  catalog.SetColumns(two, Text("GENRES", "b"));
  catalog.SetColumns(one, Text("GENRES", "a"));  // the older item, refused
  catalog.SetColumns(three, Text("GENRES", "b"));
  catalog.Erase(two);
  const auto reopened = Reopen(&catalog);
  EXPECT_TRUE(reopened->Categories(one).empty());
  EXPECT_THAT(CategoriesOf(*reopened, three), ElementsAre("b"));
}

TEST_F(CatalogTest, CreationTimestampIsInSecondsAsNumberOrText) {
  const std::vector<std::pair<ColumnValue, std::int64_t>> cases = {
      {*Number::Parse("1553631760"), 1'553'631'760'000},
      {*Number::Parse("1553631760.5"), 1'553'631'760'500},
      {*Number::Parse("1.55363176e9"), 1'553'631'760'000},
      {std::string("1553631760"), 1'553'631'760'000},
      {std::string("0"), 0},
      {std::string("1553631760 "), kBorn},
      {std::string("yesterday"), kBorn},
      {std::string(), kBorn},
      {*Number::Parse("-1"), kBorn},
      {*Number::Parse("1e300"), kBorn},
      {std::string("nan"), kBorn},
      {true, kBorn}};
  Catalog catalog(settings_);
  const ItemId item = catalog.FindOrAdd("milk", kBorn);
  for (const auto& [value, expected] : cases) {
    catalog.SetColumns(item, {{"CREATION_TIMESTAMP", value}});
    EXPECT_EQ(catalog.CreatedMs(item), expected) << value.index();
  }
}

TEST_F(CatalogTest, BytesGrowWithMetadataAndShrinkWithErasure) {
  Catalog catalog(settings_);
  const ItemId item = catalog.FindOrAdd("milk", kBorn);
  const std::size_t before = catalog.bytes();
  catalog.SetColumns(item, Text("DESCRIPTION", std::string(10'000, 'd')));
  EXPECT_GE(catalog.bytes(), before + 10'000);
  catalog.SetColumns(item, Text("DESCRIPTION", "d"));
  EXPECT_LT(catalog.bytes(), before + 1000);
  catalog.Erase(item);
  EXPECT_EQ(catalog.bytes(), before);
}

TEST_F(CatalogTest, OnlyWhatChangedIsWritten) {
  Catalog catalog(settings_);
  for (int i = 0; i < 10; ++i) catalog.FindOrAdd("item " + std::to_string(i), kBorn);
  EXPECT_EQ(rows_.Commit(&catalog), 10u);
  EXPECT_EQ(rows_.Commit(&catalog), 0u);
  catalog.SetColumns(ItemId{3}, {});
  catalog.Erase(ItemId{4});
  EXPECT_EQ(rows_.Commit(&catalog), 2u);
  EXPECT_EQ(rows_.rows().size(), 9u);
}

TEST_F(CatalogTest, RefusesRowsThatItDidNotWrite) {
  settings_.maximum_categories = 1;
  Catalog catalog(settings_);
  const ItemId item = catalog.FindOrAdd("milk", kBorn);
  catalog.FindOrAdd("bread", kBorn);
  catalog.SetColumns(item, {{"GENRES", "a|b"},
                            {"PRICE", *Number::Parse("2.5")},
                            {"FRESH", true},
                            {"CREATION_TIMESTAMP", *Number::Parse("5")}});
  rows_.Commit(&catalog);
  for (const auto& [key, value] : rows_.rows()) {
    ExpectRowIsGuarded(Table::kItems, key, value, [this] { return Catalog(settings_); });
  }
}

TEST_F(CatalogTest, RefusesASlotOrANameThatIsThereTwice) {
  Catalog catalog(settings_);
  catalog.FindOrAdd("milk", kBorn);
  rows_.Commit(&catalog);
  const std::string row = rows_.rows().begin()->second;
  ExpectCorruption(catalog.LoadRow(SlotKey(0), row), Table::kItems);
  ExpectCorruption(catalog.LoadRow(SlotKey(1), row), Table::kItems);
}

TEST_F(CatalogTest, RefusesASlotThatWasNeverGiven) {
  Catalog catalog(settings_);
  catalog.FindOrAdd("milk", kBorn);
  rows_.Commit(&catalog);
  const std::string row = rows_.rows().begin()->second;
  Catalog loaded(settings_);
  ExpectCorruption(loaded.LoadRow(SlotKey(kMaximumItemSlots), row), Table::kItems);
  EXPECT_TRUE(loaded.LoadRow(SlotKey(4), row).ok());
  ExpectCorruption(loaded.FinishLoad(4), Table::kItems);
}

// What the catalogue should know, kept the simple way.
struct ModelItem {
  ItemId item;
  std::int64_t born_ms;
  bool described = false;
  std::vector<Column> columns;
  std::vector<std::string> categories;
};

TEST_F(CatalogTest, AgreesWithAModelThroughRandomChangesAndReopenings) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  settings_.maximum_categories = 5;
  settings_.category_columns = {"GENRES"};
  auto catalog = std::make_unique<Catalog>(settings_);
  std::map<std::string, ModelItem> model;
  std::map<std::string, int> uses;
  std::uint32_t slots = 0;
  const auto release = [&uses](ModelItem* item) {
    for (const std::string& value : item->categories) {
      if (--uses[value] == 0) uses.erase(value);
    }
    item->categories.clear();
  };
  for (int step = 0; step < 6000; ++step) {
    const std::string name = "item " + std::to_string(random() % 30);
    const auto known = model.find(name);
    if (known == model.end()) {
      const ItemId item = catalog->FindOrAdd(name, step);
      ASSERT_EQ(item.value, slots++);
      model[name] = {item, step, false, {}, {}};
    } else if (random() % 3 == 0) {
      release(&known->second);
      catalog->Erase(known->second.item);
      model.erase(known);
    } else {
      ModelItem& item = known->second;
      release(&item);
      std::string text;
      for (char c = 'a'; c <= 'h'; ++c) {
        if (random() % 4 != 0) continue;
        const std::string value(1, c);
        text += "|" + value;
        if (uses.size() < settings_.maximum_categories || uses.count(value) == 1) {
          ++uses[value];
          item.categories.push_back(value);
        }
      }
      item.described = true;
      item.columns = {{"GENRES", text}, {"STEP", *Number::Parse(std::to_string(step))}};
      catalog->SetColumns(item.item, item.columns);
    }
    if (random() % 100 == 0) catalog = Reopen(catalog.get());
    ASSERT_EQ(catalog->live_count(), model.size());
    ASSERT_EQ(catalog->slot_count(), slots);
    ASSERT_LE(catalog->category_count(), settings_.maximum_categories);
    for (const auto& [one, expected] : model) {
      ASSERT_EQ(catalog->Find(one), expected.item);
      ASSERT_EQ(catalog->Name(expected.item), one);
      ASSERT_EQ(catalog->CreatedMs(expected.item), expected.born_ms);
      ASSERT_EQ(catalog->IsDescribed(expected.item), expected.described);
      ASSERT_TRUE(std::ranges::equal(catalog->Columns(expected.item), expected.columns));
      ASSERT_EQ(CategoriesOf(*catalog, expected.item), expected.categories);
    }
  }
}

}  // namespace
}  // namespace freshet::core
