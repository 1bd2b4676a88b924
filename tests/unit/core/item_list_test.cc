#include "core/item_list.h"

#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::core {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

ItemList UpTo(std::uint32_t count) {
  ItemList list;
  for (std::uint32_t i = 0; i < count; ++i) list.Append(ItemId{i});
  return list;
}

TEST(ItemList, KeepsAnyNumberInOrder) {
  ItemList list;
  std::vector<ItemId> expected;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    ASSERT_THAT(list.items(), ElementsAreArray(expected));
    list.Append(ItemId{i * 7});
    expected.push_back(ItemId{i * 7});
  }
  EXPECT_EQ(list.size(), 1000u);
}

TEST(ItemList, DropsTheFirst) {
  for (const std::uint32_t count : {1u, 8u, 9u, 40u}) {
    ItemList list = UpTo(count);
    list.DropFirst();
    list.Append(ItemId{99});
    EXPECT_EQ(list.size(), count);
    EXPECT_EQ(list.items().front(), ItemId{count == 1 ? 99U : 1U});
    EXPECT_EQ(list.items().back(), ItemId{99});
  }
}

TEST(ItemList, AShortOneTakesNoMemoryOfItsOwn) {
  EXPECT_EQ(UpTo(8).heap_bytes(), 0u);
  EXPECT_EQ(UpTo(9).heap_bytes(), BlockBytes(16 * sizeof(ItemId)));
  EXPECT_EQ(sizeof(ItemList), 36u);
}

TEST(ItemList, MovesWithWhatItHas) {
  for (const std::uint32_t count : {3u, 30u}) {
    ItemList list = UpTo(count);
    ItemList moved = std::move(list);
    EXPECT_EQ(moved.size(), count);
    moved = UpTo(2);
    EXPECT_THAT(moved.items(), ElementsAre(ItemId{0}, ItemId{1}));
  }
}

}  // namespace
}  // namespace freshet::core
