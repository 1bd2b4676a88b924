#include "core/id_order.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Near = std::vector<std::pair<std::string, std::size_t>>;

class IdOrderTest : public testing::Test {
 protected:
  void Add(const std::string& id) {
    ids_.push_back(id);
    order_.Add(ItemId{static_cast<std::uint32_t>(ids_.size() - 1)}, id);
  }
  void Erase(const std::string& id) { order_.Erase(ItemOf(id), id); }

  Near NearOf(const std::string& id, std::size_t reach = 2) const { return Of(order_, id, reach); }
  Near Of(const IdOrder& order, const std::string& id, std::size_t reach) const {
    Near near;
    order.ForEachNear(ItemOf(id), id, reach, [&](ItemId other, std::size_t places) {
      near.emplace_back(ids_[other.value], places);
    });
    return near;
  }
  ItemId ItemOf(const std::string& id) const {
    const auto at = std::find(ids_.begin(), ids_.end(), id);
    return ItemId{static_cast<std::uint32_t>(at - ids_.begin())};
  }

  IdOrder order_;
  std::vector<std::string> ids_;  // by item
};

TEST_F(IdOrderTest, GoesByNumberWhateverTheOrderOfBirth) {
  for (const char* id : {"sku-10", "sku-9", "sku-120", "sku-8", "sku-1"}) Add(id);
  EXPECT_EQ(NearOf("sku-9"), (Near{{"sku-8", 1}, {"sku-1", 2}, {"sku-10", 1}, {"sku-120", 2}}));
  EXPECT_EQ(NearOf("sku-120", 1), (Near{{"sku-10", 1}}));
}

TEST_F(IdOrderTest, ASeriesEndsWhereTheTextBeforeTheNumberChanges) {
  for (const char* id : {"cup-1", "cup-2", "dish-1", "dish-2", "3"}) Add(id);
  EXPECT_EQ(NearOf("cup-2"), (Near{{"cup-1", 1}}));
  EXPECT_EQ(NearOf("dish-1"), (Near{{"dish-2", 1}}));
  EXPECT_THAT(NearOf("3"), IsEmpty());
}

TEST_F(IdOrderTest, VariantsOfOneNumberGoByWhatFollowsIt) {
  for (const char* id : {"85123B", "85124", "85123A", "85123"}) Add(id);
  EXPECT_EQ(NearOf("85123A"), (Near{{"85123", 1}, {"85123B", 1}, {"85124", 2}}));
}

TEST_F(IdOrderTest, IdsWithoutANumberAreNeverNear) {
  for (const char* id : {"hat", "hat-1", "scarf"}) Add(id);
  EXPECT_THAT(NearOf("hat"), IsEmpty());
  EXPECT_THAT(NearOf("hat-1"), IsEmpty());
  Erase("hat");
  Erase("hat-1");
  EXPECT_EQ(order_.bytes(), 0U);
}

TEST_F(IdOrderTest, NumbersLongerThanAnyCounterKeepTheirOrder) {
  const std::string many(30, '7');
  for (const char* end : {"3", "1", "2"}) Add(many + end);
  EXPECT_EQ(NearOf(many + "2"), (Near{{many + "1", 1}, {many + "3", 1}}));
}

TEST_F(IdOrderTest, WhatIsErasedIsPassedOver) {
  for (const char* id : {"1", "2", "3", "4"}) Add(id);
  Erase("3");
  EXPECT_EQ(NearOf("2"), (Near{{"1", 1}, {"4", 1}}));
}

// Enough for many blocks, with births and deaths all over.
TEST_F(IdOrderTest, EqualsASortedMap) {
  std::minstd_rand random(7);
  std::map<unsigned, std::string> model;
  for (int step = 0; step < 20'000; ++step) {
    const auto number = static_cast<unsigned>(random() % 9000);
    const std::string id = "i" + std::to_string(number);
    if (model.count(number) == 0) {
      if (ItemOf(id).value == ids_.size()) {
        Add(id);
      } else {
        order_.Add(ItemOf(id), id);
      }
      model[number] = id;
    } else if (random() % 2 == 0) {
      Erase(id);
      model.erase(number);
    }
    if (step % 100 != 0 || model.empty()) continue;
    auto at = model.lower_bound(static_cast<unsigned>(random() % 9000));
    if (at == model.end()) at = model.begin();
    Near expected;
    std::size_t places = 0;
    for (auto one = at; one != model.begin() && places < 3;) {
      --one;
      expected.emplace_back(one->second, ++places);
    }
    places = 0;
    for (auto one = std::next(at); one != model.end() && places < 3; ++one) {
      expected.emplace_back(one->second, ++places);
    }
    ASSERT_EQ(NearOf(at->second, 3), expected) << step;
  }
  std::vector<std::pair<ItemId, std::string_view>> live;
  for (const auto& [number, id] : model) live.emplace_back(ItemOf(id), id);
  std::shuffle(live.begin(), live.end(), random);
  IdOrder assigned;
  assigned.Assign(live);
  for (const auto& [number, id] : model) ASSERT_EQ(Of(assigned, id, 4), NearOf(id, 4));
}

}  // namespace
}  // namespace freshet::core
