#include "core/deletions.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/core/table_rows.h"

namespace freshet::core {
namespace {

constexpr std::int64_t kNow = 1'790'000'000'000;
constexpr std::uint32_t kHere = 1;
constexpr std::uint32_t kElsewhere = 2;

StampedEntry At(std::int64_t time_ms, std::uint32_t partition = kElsewhere) {
  return {.position = {partition, 1}, .received_ms = time_ms, .entry = DeleteItem{}};
}

class DeletionsTest : public testing::Test {
 protected:
  std::unique_ptr<Deletions> Reopen(Deletions* deletions) {
    rows_.Commit(deletions);
    auto reopened = std::make_unique<Deletions>("items", settings_);
    EXPECT_TRUE(rows_.LoadInto(reopened.get()).ok());
    EXPECT_TRUE(reopened->FinishLoad().ok());
    return reopened;
  }

  Settings settings_;
  TableRows rows_{Table::kDeletions};
};

TEST_F(DeletionsTest, KnowsWhatWasLoggedBeforeADelete) {
  Deletions deletions("items", settings_);
  EXPECT_TRUE(deletions.Note("lamp", At(kNow, kHere), 1));
  EXPECT_NE(deletions.After("lamp", At(kNow - 1)), nullptr);
  EXPECT_EQ(deletions.After("lamp", At(kNow)), nullptr);
  EXPECT_EQ(deletions.After("desk", At(kNow - 1)), nullptr);
}

TEST_F(DeletionsTest, WithinAPartitionTheOrderCountsAndNotTheClock) {
  Deletions deletions("items", settings_);
  deletions.Note("lamp", At(kNow, kHere), 1);
  EXPECT_EQ(deletions.After("lamp", At(kNow - 1'000, kHere)), nullptr);
}

TEST_F(DeletionsTest, AnEarlierDeleteOfAnotherPartitionChangesNothing) {
  Deletions deletions("items", settings_);
  deletions.Note("lamp", At(kNow, kHere), 1);
  deletions.End("lamp");
  EXPECT_FALSE(deletions.Note("lamp", At(kNow - 1), 2));
  EXPECT_TRUE(deletions.Find("lamp")->is_over);
  EXPECT_TRUE(deletions.Note("lamp", At(kNow + 1), 3));
  EXPECT_FALSE(deletions.Find("lamp")->is_over);
}

TEST_F(DeletionsTest, AtTheCapTheOldestDeleteIsForgotten) {
  settings_.maximum_deletions = 2;
  Deletions deletions("items", settings_);
  deletions.Note("a", At(kNow), 1);
  deletions.Note("b", At(kNow), 2);
  deletions.Note("a", At(kNow), 3);
  deletions.Note("c", At(kNow), 4);
  EXPECT_EQ(deletions.size(), 2U);
  EXPECT_NE(deletions.Find("a"), nullptr);
  EXPECT_EQ(deletions.Find("b"), nullptr);
}

TEST_F(DeletionsTest, ACapOfZeroRemembersNothing) {
  settings_.maximum_deletions = 0;
  Deletions deletions("items", settings_);
  EXPECT_TRUE(deletions.Note("a", At(kNow), 1));
  EXPECT_EQ(deletions.Find("a"), nullptr);
  EXPECT_EQ(rows_.Commit(&deletions), 0U);
}

TEST_F(DeletionsTest, ARestartForgetsNothing) {
  settings_.maximum_deletions = 2;
  Deletions deletions("items", settings_);
  for (const char* name : {"a", "b", "c"}) deletions.Note(name, At(kNow, kHere), 1);
  deletions.End("b");
  const auto reopened = Reopen(&deletions);
  EXPECT_EQ(reopened->Find("a"), nullptr);
  EXPECT_TRUE(reopened->Find("b")->is_over);
  EXPECT_NE(reopened->After("c", At(kNow - 1)), nullptr);
  reopened->Note("d", At(kNow), 2);
  EXPECT_EQ(rows_.Commit(reopened.get()), 1U);  // in the place of the one that left
}

TEST_F(DeletionsTest, ADeletedNameIsInNoRow) {
  Deletions deletions("items", settings_);
  deletions.Note("a-person-to-forget", At(kNow), 1);
  rows_.Commit(&deletions);
  for (const auto& [key, value] : rows_.rows()) {
    EXPECT_EQ((key + value).find("a-person"), std::string::npos);
  }
}

TEST_F(DeletionsTest, RefusesRowsThatItDidNotWrite) {
  Deletions deletions("items", settings_);
  deletions.Note("a", At(kNow), 1);
  rows_.Commit(&deletions);
  const auto& [key, value] = *rows_.rows().begin();
  ExpectRowIsGuarded(Table::kDeletions, key, value,
                     [this] { return Deletions("items", settings_); });
}

}  // namespace
}  // namespace freshet::core
