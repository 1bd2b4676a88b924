#include "daemon/live_quality.h"

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/unit/core/event_stream.h"
#include "tests/unit/core/served_sample.h"

namespace freshet::daemon {
namespace {

std::vector<core::CampaignSettings> Campaigns() {
  return {{.name = "session", .recipe = core::RecipeKind::kSession},
          {.name = "rank", .recipe = core::RecipeKind::kPersonalizedRanking},
          {.name = "popular", .recipe = core::RecipeKind::kPopularityCount}};
}

// Applies sessions that all go from one item to the next, with quality looking on.
void Watch(LiveQuality* quality, int sessions) {
  core::State state{core::Settings()};
  std::uint64_t offset = 0;
  for (int session = 0; session < sessions; ++session) {
    for (const char* item : {"tent", "stove", "lamp"}) {
      core::Event event = core::MakeEvent("", "s" + std::to_string(session), item);
      event.event_id = "e" + std::to_string(offset);
      const core::StampedEntry entry{{0, offset++}, core::kStartMs, std::move(event)};
      quality->Consider(state, entry);
      state.Apply(entry);
      quality->Consider(state, entry);  // now a duplicate
    }
  }
}

TEST(LiveQuality, AsksEachCampaignThatRecommendsInTurn) {
  LiveQuality quality(Campaigns(), 1e9, 1000);
  Watch(&quality, 100);
  const LiveQuality::Figures figures = quality.figures();
  ASSERT_EQ(figures.size(), 2U);
  EXPECT_EQ(figures[0].first, "session");
  EXPECT_EQ(figures[1].first, "popular");
  EXPECT_EQ(figures[0].second.answers + figures[1].second.answers, 200U)
      << "two questions a session, none of them a duplicate";
  EXPECT_GT(figures[0].second.hit_rate, 0.9);
  EXPECT_GT(figures[0].second.reciprocal_rank, 0.9);
  EXPECT_LT(figures[1].second.reciprocal_rank, 1.0);
  EXPECT_GT(Coverage(figures[0].second, 3), 0.5);
}

TEST(LiveQuality, AsksByTheGenerationThatIsServed) {
  core::Generation generation = core::SampleGeneration(3);
  generation.item_ids = {"tent", "stove", "lamp"};
  auto made = core::ServedFactors::Make("sample", std::move(generation));
  ASSERT_TRUE(made);
  const std::shared_ptr<const core::ServedFactors> factors = std::move(*made);
  int asked = 0;
  LiveQuality quality({{.name = "factors", .recipe = core::RecipeKind::kFactors}}, 1e9, 1000, [&] {
    ++asked;
    return factors;
  });
  Watch(&quality, 100);
  EXPECT_EQ(quality.figures()[0].second.answers, 200U);
  EXPECT_GE(asked, 200);
  EXPECT_EQ(factors.use_count(), 1) << "kept for one answer only";
}

TEST(LiveQuality, KeepsToItsShareOfTheTime) {
  LiveQuality none(Campaigns(), 0, 1000);
  Watch(&none, 20);
  EXPECT_EQ(none.figures()[0].second.answers, 0U);
  LiveQuality hardly(Campaigns(), 1e-12, 1000);
  Watch(&hardly, 20);
  EXPECT_LE(hardly.figures()[0].second.answers + hardly.figures()[1].second.answers, 1U);
}

}  // namespace
}  // namespace freshet::daemon
