#include "core/quality_window.h"

#include <vector>

#include <gtest/gtest.h>

namespace freshet::core {
namespace {

std::vector<ItemId> Items(std::uint32_t first, std::uint32_t count) {
  std::vector<ItemId> items;
  for (std::uint32_t slot = first; slot < first + count; ++slot) items.push_back(ItemId{slot});
  return items;
}

TEST(QualityWindow, IsZeroBeforeTheFirstAnswer) {
  const QualityWindow::Figures figures = QualityWindow(3).figures();
  EXPECT_EQ(figures.answers, 0U);
  EXPECT_EQ(figures.hit_rate, 0);
  EXPECT_EQ(figures.reciprocal_rank, 0);
  EXPECT_EQ(figures.cold_share, 0);
}

TEST(QualityWindow, CountsHitsPlacesAndWhatWasRecommended) {
  QualityWindow window(10);
  window.Add(Items(0, 4), 1, 0);
  window.Add(Items(2, 4), 3, 3);
  window.Add(Items(0, 4), 0, std::nullopt);
  const QualityWindow::Figures figures = window.figures();
  EXPECT_EQ(figures.answers, 3U);
  EXPECT_DOUBLE_EQ(figures.hit_rate, 2.0 / 3);
  EXPECT_DOUBLE_EQ(figures.reciprocal_rank, (1 + 0.25) / 3);
  EXPECT_EQ(figures.distinct_items, 6U);
  EXPECT_DOUBLE_EQ(figures.cold_share, 4.0 / 12);
}

TEST(QualityWindow, TheOldestAnswerLeavesWithAllItCounted) {
  QualityWindow window(2);
  window.Add(Items(0, 3), 3, 0);
  window.Add(Items(2, 2), 0, std::nullopt);
  window.Add(Items(2, 2), 0, 1);
  const QualityWindow::Figures figures = window.figures();
  EXPECT_EQ(figures.answers, 2U);
  EXPECT_DOUBLE_EQ(figures.hit_rate, 0.5);
  EXPECT_DOUBLE_EQ(figures.reciprocal_rank, 0.25);
  EXPECT_EQ(figures.distinct_items, 2U);
  EXPECT_EQ(figures.cold_share, 0);
}

}  // namespace
}  // namespace freshet::core
