#include "core/recipes/campaign.h"

#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/recipes/answer_item.h"

namespace freshet::core {
namespace {

TEST(RecipeKind, NamesGoThereAndBack) {
  for (const RecipeKind kind :
       {RecipeKind::kSimilarItems, RecipeKind::kUserPersonalization,
        RecipeKind::kPersonalizedRanking, RecipeKind::kPopularityCount, RecipeKind::kTrendingNow,
        RecipeKind::kSession, RecipeKind::kFactors}) {
    EXPECT_FALSE(RecipeKindName(kind).empty());
    EXPECT_EQ(ParseRecipeKind(RecipeKindName(kind)), kind);
  }
  EXPECT_EQ(ParseRecipeKind("similar_items"), std::nullopt);
  EXPECT_EQ(ParseRecipeKind(""), std::nullopt);
}

TEST(DefaultCampaigns, AreThoseThatUsersRelyOn) {
  std::vector<std::string> names;
  for (const CampaignSettings& settings : DefaultCampaigns()) names.push_back(settings.name);
  EXPECT_THAT(names, testing::UnorderedElementsAre("similar-items", "user-personalization",
                                                   "personalized-ranking", "popularity-count",
                                                   "trending-now", "session", "factors",
                                                   "bought-together"));
}

TEST(DefaultCampaigns, UseTablesThatTheDefaultStateHas) {
  const State state{Settings{}};
  for (const CampaignSettings& settings : DefaultCampaigns()) {
    EXPECT_NE(state.PairTable(settings.pair_table), nullptr) << settings.name;
  }
}

TEST(Campaign, OnlyPersonalizedRecipesShowScores) {
  std::set<std::string> with_scores;
  for (const CampaignSettings& settings : DefaultCampaigns()) {
    if (Campaign(settings).recipe().ShowsScores()) with_scores.insert(settings.name);
  }
  EXPECT_THAT(with_scores,
              testing::UnorderedElementsAre("user-personalization", "personalized-ranking",
                                            "session", "factors"));
}

TEST(Names, OfFeaturesAndReasonsAreTheOnesOnTheWire) {
  EXPECT_EQ(FeatureName(Feature::kCooccurrence), "cooccurrence");
  EXPECT_EQ(FeatureName(Feature::kPopularity), "popularity");
  EXPECT_EQ(FeatureName(Feature::kUsers), "users");
  EXPECT_EQ(FeatureName(Feature::kTrend), "trend");
  EXPECT_EQ(FeatureName(Feature::kSession), "session");
  EXPECT_EQ(FeatureName(Feature::kFactors), "factors");
  EXPECT_EQ(ReasonText(Reason::kPopular), "Popular item");
  EXPECT_EQ(ReasonText(Reason::kExplored), "Exploration");
  EXPECT_EQ(ReasonText(Reason::kNone), "");
}

}  // namespace
}  // namespace freshet::core
