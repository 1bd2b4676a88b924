#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"
#include "tests/unit/config/config_files.h"

namespace freshet::config {
namespace {

using testing::EndsWith;

class LoadTablesTest : public ConfigFiles {};

template <typename Owner>
const Owner* Named(const std::vector<Owner>& owners, std::string_view name) {
  for (const Owner& owner : owners) {
    if (owner.name == name) return &owner;
  }
  return nullptr;
}

TEST_F(LoadTablesTest, ANewNameIsAddedBesideTheBuiltInOnes) {
  const auto settings = LoadText(
      "[[pair_table]]\nname = 'seen-together'\nevent_types = ['view']\nscope = 'session'\n"
      "window_minutes = 30\n"
      "[[campaign]]\nname = 'also-seen'\nrecipe = 'similar-items'\npair_table = 'seen-together'\n"
      "measure = 'llr'\npopularity_discount = 1\n");
  ASSERT_TRUE(settings) << settings.error().message;
  const Settings defaults;
  EXPECT_EQ(settings->learning.pair_tables.size(), defaults.learning.pair_tables.size() + 1);
  const auto* table = Named(settings->learning.pair_tables, "seen-together");
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->event_types, std::vector<std::string>{"view"});
  EXPECT_EQ(table->scope, core::BasketScope::kSession);
  EXPECT_EQ(table->window_ms, 30 * 60'000);

  EXPECT_EQ(settings->learning.campaigns.size(), defaults.learning.campaigns.size() + 1);
  const auto* campaign = Named(settings->learning.campaigns, "also-seen");
  ASSERT_NE(campaign, nullptr);
  EXPECT_EQ(campaign->recipe, core::RecipeKind::kSimilarItems);
  EXPECT_EQ(campaign->pair_table, "seen-together");
  EXPECT_EQ(campaign->measure, core::Measure::kLogLikelihood);
  EXPECT_EQ(campaign->popularity_discount, 1.0);
}

TEST_F(LoadTablesTest, OnlySimilarItemsCanBeMeasuredByFactors) {
  const auto settings = LoadText("[[campaign]]\nname = 'similar-items'\nmeasure = 'factors'\n");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_TRUE(core::UsesFactors(*Named(settings->learning.campaigns, "similar-items")));
  const auto refused = LoadText("[[campaign]]\nname = 'session'\nmeasure = 'factors'\n");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("campaign.measure"), std::string::npos)
      << refused.error().message;
}

TEST_F(LoadTablesTest, ABuiltInNameChangesOnlyWhatIsGiven) {
  const auto settings = LoadText(
      "[[pair_table]]\nname = 'bought-together'\nmaximum_neighbours = 7\n"
      "[[campaign]]\nname = 'similar-items'\nmeasure = 'jaccard'\n");
  ASSERT_TRUE(settings) << settings.error().message;
  const Settings defaults;
  EXPECT_EQ(settings->learning.pair_tables.size(), defaults.learning.pair_tables.size());
  const auto* table = Named(settings->learning.pair_tables, "bought-together");
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->maximum_neighbours, 7u);
  EXPECT_EQ(table->event_types, std::vector<std::string>{"purchase"});

  EXPECT_EQ(settings->learning.campaigns.size(), defaults.learning.campaigns.size());
  const auto* campaign = Named(settings->learning.campaigns, "similar-items");
  ASSERT_NE(campaign, nullptr);
  EXPECT_EQ(campaign->measure, core::Measure::kJaccard);
  EXPECT_EQ(campaign->recipe, core::RecipeKind::kSimilarItems);
}

TEST_F(LoadTablesTest, FlagsReachIntoTables) {
  const auto settings = Load({.sets = {"campaign.similar-items.measure=lift",
                                       "pair_table.similar-items.event_types=view,like"}});
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(Named(settings->learning.campaigns, "similar-items")->measure, core::Measure::kLift);
  EXPECT_EQ(Named(settings->learning.pair_tables, "similar-items")->event_types,
            (std::vector<std::string>{"view", "like"}));
}

TEST_F(LoadTablesTest, FlagsThatReachNowhereAreRefused) {
  EXPECT_EQ(
      Problems({.sets = {"campaign.similar-items.measures=lift", "campaign.similar-items.measure=x",
                         "campaign.similar-items.name=x"}}),
      "--set: campaign.similar-items.measures: is not a key; did you mean measure?\n"
      "--set: campaign.similar-items.measure: \"x\" is not jaccard, cosine, llr, lift, "
      "confidence or factors\n"
      "--set: campaign.similar-items.name: is not a key; did you mean name?");
  EXPECT_EQ(Problems({.sets = {"pair_table.none.scope=user", "pair_table.scope=user"}}),
            "--set: pair_table.none.scope: names none of the tables; they are similar-items or "
            "bought-together\n"
            "--set: pair_table.scope: names none of the tables; they are similar-items or "
            "bought-together");
}

TEST_F(LoadTablesTest, ANameTwiceInAFileIsRefused) {
  EXPECT_EQ(ProblemsOf("[[pair_table]]\nname = 'a'\n[[pair_table]]\nname = 'a'\n"
                       "[[campaign]]\nname = 'a'\nrecipe = 'trending-now'\n"
                       "[[campaign]]\nname = 'a'\nrecipe = 'trending-now'\n"),
            "freshet.toml:4: pair_table.name: \"a\" is taken by an earlier one\n"
            "freshet.toml:9: campaign.name: \"a\" is taken by an earlier one");
}

TEST_F(LoadTablesTest, ACampaignOverATableThatDoesNotExistIsRefused) {
  EXPECT_EQ(ProblemsOf("[[campaign]]\nname = 'a'\nrecipe = 'similar-items'\npair_table = 'b'"),
            "freshet.toml:4: campaign.pair_table: \"b\" is not a pair_table; they are "
            "similar-items or bought-together");
  EXPECT_EQ(Problems({.sets = {"campaign.similar-items.pair_table=b"}}),
            "--set: campaign.pair_table: \"b\" is not a pair_table; they are similar-items or "
            "bought-together");
}

TEST_F(LoadTablesTest, NameAndRecipeMustBeGiven) {
  EXPECT_EQ(ProblemsOf("[[pair_table]]\nscope = 'user'\n[[campaign]]\nname = 'a'"),
            "freshet.toml:1: pair_table.name: is missing\n"
            "freshet.toml:3: campaign.recipe: is missing; it is similar-items, "
            "user-personalization, personalized-ranking, popularity-count, trending-now, "
            "session or factors");
}

TEST_F(LoadTablesTest, WrongKeysAndValuesAreRefused) {
  EXPECT_EQ(
      ProblemsOf("[[pair_table]]\n"
                 "name = 'a b'\n"
                 "scop = 'user'\n"
                 "scope = 'world'\n"
                 "event_types = 'view'\n"
                 "maximum_basket_items = 1\n"
                 "[[campain]]\n"
                 "name = 'x'\n"),
      "freshet.toml:2: pair_table.name: \"a b\" is not a name of 1..63 letters, digits, - and "
      "_, a letter or digit first\n"
      "freshet.toml:3: pair_table.scop: is not a key; did you mean scope?\n"
      "freshet.toml:4: pair_table.scope: \"world\" is not user or session\n"
      "freshet.toml:5: pair_table.event_types: \"view\" is not a list of texts (event types "
      "of 1..256 bytes)\n"
      "freshet.toml:6: pair_table.maximum_basket_items: 1 is not in 2..10000\n"
      "freshet.toml:7: campain: is not a list of tables; did you mean campaign?");
}

TEST_F(LoadTablesTest, ANameMayBeAsLongAsPersonalizesAndNoLonger) {
  const auto table = [](std::size_t length) {
    return "[[pair_table]]\nname = '" + std::string(length, 'x') + "'";
  };
  EXPECT_EQ(ProblemsOf(table(63)), "");
  EXPECT_THAT(ProblemsOf(table(64)), EndsWith("a letter or digit first"));
}

}  // namespace
}  // namespace freshet::config
