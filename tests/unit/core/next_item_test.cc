#include "core/recipes/next_item.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/unit/core/event_stream.h"
#include "tests/unit/core/taught_state.h"

namespace freshet::core {
namespace {

const CampaignSettings kSession{.name = "session", .recipe = RecipeKind::kSession};

// Two sessions went from the tent to the stove, one to the lamp.
TaughtState Camp() {
  TaughtState state;
  for (const char* session : {"s1", "s2"}) {
    state.Touch("", "tent", "view", session);
    state.Touch("", "stove", "view", session);
  }
  state.Touch("", "tent", "view", "s3");
  state.Touch("", "lamp", "view", "s3");
  state.Touch("", "tent", "view", "now");
  return state;
}

std::optional<Place> Ask(const TaughtState& state, const CampaignSettings& settings,
                         const Event& event, std::size_t count = 5) {
  QueryScratch scratch;
  const auto place =
      AskForNextItem(state.state(), Campaign(settings), event, nullptr, count, &scratch);
  EXPECT_LE(scratch.answer.size(), count);
  for (const AnswerItem& one : scratch.answer) EXPECT_NE(state.Name(one), "tent");
  return place;
}

TEST(NextItem, StandsWhereTheAnswerHasIt) {
  const TaughtState state = Camp();
  EXPECT_EQ(Ask(state, kSession, MakeEvent("", "now", "stove")), Place(0));
  EXPECT_EQ(Ask(state, kSession, MakeEvent("", "now", "lamp")), Place(1));
  EXPECT_EQ(Ask(state, kSession, MakeEvent("", "now", "lamp"), 1), std::optional<Place>(Place()));
  EXPECT_EQ(Ask(state, kSession, MakeEvent("", "now", "new")), std::optional<Place>(Place()));
}

TEST(NextItem, TheCurrentItemIsLeftOutEvenOfACampaignThatWouldShowIt) {
  CampaignSettings popular{.name = "popular", .recipe = RecipeKind::kPopularityCount};
  EXPECT_EQ(Ask(Camp(), popular, MakeEvent("", "now", "stove")), Place(0));
  CampaignSettings similar{.name = "similar", .recipe = RecipeKind::kSimilarItems};
  EXPECT_TRUE(Ask(Camp(), similar, MakeEvent("", "now", "stove")).has_value());
}

TEST(NextItem, SomeEventsAreNoQuestion) {
  TaughtState state = Camp();
  EXPECT_FALSE(Ask(state, kSession, MakeEvent("", "never seen", "stove"))) << "a first event";
  EXPECT_FALSE(Ask(state, kSession, MakeEvent("", "now", "tent"))) << "a repeat";
  const CampaignSettings ranking{.name = "rank", .recipe = RecipeKind::kPersonalizedRanking};
  EXPECT_FALSE(Ask(state, ranking, MakeEvent("", "now", "stove")));
  state.Touch("ann", "tent");
  const std::int64_t now_ms = state.state().clock_ms();
  EXPECT_TRUE(Ask(state, kSession, MakeEvent("ann", "", "stove", now_ms + 1000)));
  EXPECT_FALSE(Ask(state, kSession, MakeEvent("ann", "", "stove", now_ms + 3'600'000)))
      << "a pause began another session";
}

}  // namespace
}  // namespace freshet::core
