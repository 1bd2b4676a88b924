#include "core/dictionary.h"

#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace freshet::core {
namespace {

TEST(Dictionary, AnUnknownNameHasNoSlot) {
  const Dictionary empty;
  EXPECT_EQ(empty.Find("a"), Dictionary::kNone);
  EXPECT_EQ(empty.Find(""), Dictionary::kNone);
  EXPECT_EQ(empty.Name(0), "");
  EXPECT_EQ(empty.size(), 0u);
}

TEST(Dictionary, FindsANameBySlotAndASlotByName) {
  Dictionary names;
  names.Insert("milk", 7);
  names.Insert(std::string("a\0b", 3), 2);
  EXPECT_EQ(names.Find("milk"), 7u);
  EXPECT_EQ(names.Find(std::string("a\0b", 3)), 2u);
  EXPECT_EQ(names.Find("a"), Dictionary::kNone);
  EXPECT_EQ(names.Name(7), "milk");
  EXPECT_EQ(names.Name(3), "");
  EXPECT_EQ(names.Name(Dictionary::kNone), "");
  EXPECT_EQ(names.size(), 2u);
}

TEST(Dictionary, AnErasedSlotMayTakeAnotherName) {
  Dictionary names;
  names.Insert("old", 0);
  names.Erase(0);
  EXPECT_EQ(names.Find("old"), Dictionary::kNone);
  EXPECT_EQ(names.Name(0), "");
  names.Insert("new", 0);
  EXPECT_EQ(names.Find("new"), 0u);
  EXPECT_EQ(names.size(), 1u);
}

TEST(Dictionary, NamesThatDifferInOneByteOnlyAreToldApart) {
  Dictionary names;
  for (std::uint32_t length = 1; length <= 40; ++length) {
    names.Insert(std::string(length, 'x'), 2 * length);
    names.Insert(std::string(length - 1, 'x') + "y", 2 * length + 1);
  }
  for (std::uint32_t length = 1; length <= 40; ++length) {
    EXPECT_EQ(names.Find(std::string(length, 'x')), 2 * length);
    EXPECT_EQ(names.Find(std::string(length - 1, 'x') + "y"), 2 * length + 1);
  }
}

TEST(Dictionary, ErasingGivesBackTheBytesOfLongNames) {
  Dictionary names;
  const std::string long_name(200, 'n');
  names.Insert("short", 0);
  names.Insert("short too", 1);
  const std::size_t before = names.bytes();
  names.Erase(1);
  names.Insert(long_name, 1);
  EXPECT_GE(names.bytes(), before + long_name.size());
  names.Erase(1);
  EXPECT_EQ(names.bytes(), before);
}

TEST(Dictionary, AgreesWithAMapThroughRandomInsertionsAndErasures) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  Dictionary names;
  std::map<std::string, std::uint32_t> model;
  std::vector<std::uint32_t> free_slots;
  for (std::uint32_t slot = 600; slot > 0; --slot) free_slots.push_back(slot - 1);
  for (int step = 0; step < 60'000; ++step) {
    const std::string name = "name-" + std::to_string(random() % 1500);
    const auto known = model.find(name);
    ASSERT_EQ(names.Find(name), known == model.end() ? Dictionary::kNone : known->second);
    if (known != model.end()) {
      ASSERT_EQ(names.Name(known->second), name);
      names.Erase(known->second);
      free_slots.push_back(known->second);
      model.erase(known);
    } else if (!free_slots.empty()) {
      names.Insert(name, free_slots.back());
      model.emplace(name, free_slots.back());
      free_slots.pop_back();
    }
    ASSERT_EQ(names.size(), model.size());
  }
  for (const auto& [name, slot] : model) ASSERT_EQ(names.Find(name), slot);
}

}  // namespace
}  // namespace freshet::core
