#include "tools/ranking_metrics.h"

#include <cmath>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

namespace freshet::tools {
namespace {

std::vector<core::ItemId> Items(std::initializer_list<std::uint32_t> numbers) {
  std::vector<core::ItemId> items;
  for (const std::uint32_t number : numbers) items.push_back(core::ItemId{number});
  return items;
}

TEST(RankingMetrics, NothingAskedIsZero) {
  const RankingMetrics metrics(20);
  EXPECT_EQ(metrics.HitRate(), 0);
  EXPECT_EQ(metrics.MeanReciprocalRank(), 0);
  EXPECT_EQ(metrics.Ndcg(0), 0);
  EXPECT_EQ(metrics.Precision(0), 0);
}

TEST(RankingMetrics, PlacesOfOneNextItem) {
  RankingMetrics metrics(20);
  metrics.Add(0);
  metrics.Add(3);
  metrics.Add(12);
  metrics.Add(std::nullopt);
  EXPECT_EQ(metrics.asked(), 4U);
  EXPECT_EQ(metrics.hits(), 3U);
  EXPECT_DOUBLE_EQ(metrics.HitRate(), 0.75);
  EXPECT_DOUBLE_EQ(metrics.MeanReciprocalRank(), (1 + 1.0 / 4 + 1.0 / 13) / 4);
  EXPECT_DOUBLE_EQ(metrics.Ndcg(0), (1 + 1 / std::log2(5.0)) / 4) << "at 5";
  EXPECT_DOUBLE_EQ(metrics.Ndcg(), (1 + 1 / std::log2(5.0) + 1 / std::log2(14.0)) / 4);
  EXPECT_DOUBLE_EQ(metrics.Precision(1), 2 * 0.1 / 4) << "at 10";
}

// Worked by hand.
TEST(RankingMetrics, SeveralThatCame) {
  RankingMetrics metrics(6);
  // Hits at places 2, 3 and 6 of the answer; two more came, of which one no answer can have.
  metrics.Add(Items({9, 1, 2, 8, 7, 3}), Items({1, 2, 3, 4}), 1);
  const auto gain = [](int place) { return 1 / std::log2(place + 1.0); };
  const double most_at_5 = gain(1) + gain(2) + gain(3) + gain(4) + gain(5);
  EXPECT_DOUBLE_EQ(metrics.HitRate(), 1);
  EXPECT_DOUBLE_EQ(metrics.MeanReciprocalRank(), 0.5);
  EXPECT_DOUBLE_EQ(metrics.Precision(0), 2.0 / 5);
  EXPECT_DOUBLE_EQ(metrics.Precision(1), 3.0 / 10);
  EXPECT_DOUBLE_EQ(metrics.Ndcg(0), (gain(2) + gain(3)) / most_at_5);
  EXPECT_DOUBLE_EQ(metrics.Ndcg(), (gain(2) + gain(3) + gain(6)) / most_at_5);
}

TEST(RankingMetrics, ThePerfectAnswerHasANdcgOfOne) {
  RankingMetrics metrics(25);
  metrics.Add(Items({1, 2, 3, 9, 8}), Items({3, 1, 2}), 0);
  for (std::size_t i = 0; i < RankingMetrics::kCutOffs.size(); ++i) {
    EXPECT_DOUBLE_EQ(metrics.Ndcg(i), 1);
  }
  EXPECT_DOUBLE_EQ(metrics.Ndcg(), 1);
}

}  // namespace
}  // namespace freshet::tools
