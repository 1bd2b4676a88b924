#include "core/exposures.h"

#include <cmath>
#include <string>

#include <gtest/gtest.h>

namespace freshet::core {
namespace {

constexpr ItemId kLamp{3};
constexpr ItemId kRug{5};

TEST(Exposures, UpperBoundIsUcbV) {
  Exposures exposures;
  for (int i = 0; i < 100; ++i) exposures.CountShown(kLamp);
  for (int i = 0; i < 11; ++i) exposures.CountChosen(kLamp);
  // By hand: (11 + 1) / (100 + 20) = 0.1, ln 101 = 4.615121.
  const double log_all = std::log(101.0);
  EXPECT_NEAR(exposures.UpperBound(kLamp),
              0.1 + std::sqrt(2 * 0.1 * 0.9 * log_all / 120) + 3 * log_all / 120, 1e-12);
}

TEST(Exposures, TheLessAnItemWasShownTheMoreIsHoped) {
  Exposures exposures;
  for (int i = 0; i < 50; ++i) exposures.CountShown(kLamp);
  EXPECT_GT(exposures.UpperBound(kRug), exposures.UpperBound(kLamp));
  for (int i = 0; i < 40; ++i) exposures.CountChosen(kLamp);
  EXPECT_GT(exposures.UpperBound(kLamp), exposures.UpperBound(kRug));
}

TEST(Exposures, MoreChoicesThanShowingsAreStillAShare) {
  Exposures exposures;
  for (int i = 0; i < 1000; ++i) exposures.CountChosen(kLamp);
  EXPECT_DOUBLE_EQ(exposures.UpperBound(kLamp), 1);
}

TEST(Exposures, ForgetsADeletedItem) {
  Exposures exposures;
  for (int i = 0; i < 50; ++i) exposures.CountShown(kLamp);
  exposures.CountShown(kRug);
  exposures.Forget(kLamp);
  EXPECT_EQ(exposures.Shown(kLamp), 0U);
  Exposures never;
  never.CountShown(kRug);
  EXPECT_DOUBLE_EQ(exposures.UpperBound(kRug), never.UpperBound(kRug));
}

TEST(Exposures, ComeBackFromTheirRows) {
  Exposures exposures;
  for (int i = 0; i < 50; ++i) exposures.CountShown(kLamp);
  exposures.CountChosen(kRug);
  RowBatch rows;
  TakeAllRows(&exposures, &rows);
  Exposures loaded;
  rows.ForEach([&](const RowBatch::Row& row) {
    ASSERT_EQ(row.table, Table::kExposures);
    ASSERT_TRUE(loaded.LoadRow(row.key, row.value).ok());
  });
  EXPECT_EQ(loaded.Shown(kLamp), 50U);
  EXPECT_EQ(loaded.Chosen(kRug), 1U);
  EXPECT_DOUBLE_EQ(loaded.UpperBound(kLamp), exposures.UpperBound(kLamp));

  rows.Clear();
  exposures.Forget(kLamp);
  TakeAllRows(&exposures, &rows);
  rows.ForEach([](const RowBatch::Row& row) { EXPECT_TRUE(row.deleted); });
  EXPECT_EQ(rows.size(), 1U);
}

TEST(Exposures, RefusesDamagedRows) {
  Exposures exposures;
  for (const std::string& value :
       {std::string(), std::string(9, '\2'), std::string(8, '\1'), std::string(10, '\1')}) {
    const Status status = exposures.LoadRow(SlotKey(1), value);
    EXPECT_FALSE(status.ok());
  }
  EXPECT_FALSE(exposures.LoadRow("abc", std::string(9, '\1')).ok());
}

}  // namespace
}  // namespace freshet::core
