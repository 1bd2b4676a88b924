// What the recipe "session" proposes.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/recipes/campaign.h"
#include "tests/unit/core/taught_state.h"

namespace freshet::core {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

CampaignSettings SessionCampaign() {
  for (const CampaignSettings& settings : DefaultCampaigns()) {
    if (settings.name == "session") return settings;
  }
  return {};
}

void Visit(TaughtState* state, const std::string& session, const std::vector<std::string>& items) {
  for (const std::string& item : items) state->Touch("", item, "view", session);
}

TEST(SessionRecipe, RecommendsWhatLikeSessionsWentOnTo) {
  TaughtState state;
  Visit(&state, "s1", {"tent", "stove", "lamp"});
  Visit(&state, "s2", {"tent", "stove", "rope"});
  Visit(&state, "s3", {"book", "pen"});
  Visit(&state, "now", {"tent", "stove"});
  const auto& answer = state.Recommend(SessionCampaign(), {.visitor = Session("now"), .count = 3});
  EXPECT_THAT(state.Names(answer), ElementsAre("tent", "lamp", "rope"))
      << "two sessions speak for the tent; of equals the older item is first";
  EXPECT_EQ(state.state().catalog().Name(answer[1].because), "stove");
  EXPECT_GT(answer[0].features[static_cast<std::size_t>(Feature::kSession)], 0);
  EXPECT_TRUE(answer[0].has_score);
}

TEST(SessionRecipe, TheVeryNextAnswerKnowsTheEvent) {
  TaughtState state;
  Visit(&state, "s1", {"tent", "stove"});
  Visit(&state, "now", {"tent"});
  const auto first = state.Recommend(SessionCampaign(), {.visitor = Session("now"), .count = 1});
  ASSERT_THAT(state.Names(first), ElementsAre("stove"));
  for (const char* other : {"s2", "s3", "s4"}) Visit(&state, other, {"tent", "lamp"});
  const auto then = state.Recommend(SessionCampaign(), {.visitor = Session("now"), .count = 1});
  EXPECT_THAT(state.Names(then), ElementsAre("lamp")) << "others' events count at once";
}

TEST(SessionRecipe, NearerItemsOfTheOtherSessionCountMore) {
  TaughtState state;
  Visit(&state, "s1", {"far", "near", "tent", "next", "later"});
  Visit(&state, "x", {"pen"});
  Visit(&state, "now", {"tent"});
  const auto& answer = state.Recommend(SessionCampaign(), {.visitor = Session("now"), .count = 4});
  EXPECT_THAT(state.Names(answer), ElementsAre("next", "near", "later", "far"));
}

TEST(SessionRecipe, TheCurrentItemIsLeftOutUnlessTheCampaignWantsIt) {
  TaughtState state;
  Visit(&state, "s1", {"tent", "stove", "tent"});
  Visit(&state, "x", {"pen"});
  Visit(&state, "now", {"stove", "tent"});
  CampaignSettings settings = SessionCampaign();
  const Query query{.visitor = Session("now"), .count = 5};
  EXPECT_THAT(state.Names(state.Recommend(settings, query)), Not(Contains("tent")));
  EXPECT_THAT(state.Names(state.Recommend(settings, query)), Contains("stove"));
  settings.leave_out = LeaveOut::kNone;
  EXPECT_THAT(state.Names(state.Recommend(settings, query)), Contains("tent"));
  settings.leave_out = LeaveOut::kSeen;
  EXPECT_EQ(state.Recommend(settings, query)[0].reason, Reason::kPopular)
      << "nothing unseen speaks for itself";
}

TEST(SessionRecipe, AUserWithoutASessionIsTakenByTheHistory) {
  TaughtState state;
  Visit(&state, "s1", {"tent", "stove"});
  Visit(&state, "x", {"pen"});
  state.Touch("ann", "tent", "view", "anns");
  const auto& answer = state.Recommend(SessionCampaign(), {.visitor = User("ann"), .count = 1});
  EXPECT_THAT(state.Names(answer), ElementsAre("stove"));
}

TEST(SessionRecipe, AStrangerGetsWhatIsPopular) {
  TaughtState state;
  Visit(&state, "s1", {"tent", "stove"});
  const auto& answer = state.Recommend(SessionCampaign(), {.visitor = User("nobody"), .count = 2});
  ASSERT_EQ(answer.size(), 2U);
  EXPECT_EQ(answer[0].reason, Reason::kPopular);
}

TEST(SessionRecipe, DeletedItemsAreNotRecommended) {
  TaughtState state;
  Visit(&state, "s1", {"tent", "stove", "lamp"});
  Visit(&state, "x", {"pen"});
  Visit(&state, "now", {"tent"});
  state.Delete("stove");
  const auto& answer = state.Recommend(SessionCampaign(), {.visitor = Session("now"), .count = 5});
  EXPECT_THAT(state.Names(answer), Not(Contains("stove")));
  EXPECT_EQ(state.Name(answer[0]), "lamp");
}

}  // namespace
}  // namespace freshet::core
