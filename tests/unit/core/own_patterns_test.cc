// Two sources of the mix that need nobody else: what a user did in the same order before, and how
// items are numbered.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/recipes/campaign.h"
#include "tests/unit/core/reopen.h"
#include "tests/unit/core/taught_state.h"

namespace freshet::core {
namespace {

using testing::ElementsAre;

CampaignSettings Only(BlendInput input) {
  CampaignSettings settings{.name = "personal",
                            .recipe = RecipeKind::kUserPersonalization,
                            .leave_out = LeaveOut::kCurrent};
  settings.weights.emplace().fill(0);
  (*settings.weights)[static_cast<std::size_t>(input)] = 1;
  return settings;
}

float Value(const AnswerItem& item, Feature feature) {
  return item.features[static_cast<std::size_t>(feature)];
}

void Visit(TaughtState* state, const std::string& user, const std::string& session,
           const std::vector<std::string>& items) {
  for (const std::string& item : items) state->Touch(user, item, "view", session);
}

TEST(OwnSessions, WhatLayNearTheNewestItemBeforeComesAgain) {
  TaughtState state;
  Visit(&state, "me", "one", {"w", "a", "x", "y", "z"});
  Visit(&state, "other", "two", {"a", "q"});
  Visit(&state, "me", "three", {"a"});
  const auto& answer = state.Recommend(Only(BlendInput::kOwnSession),
                                       {.visitor = {.user = "me", .session = "three"}, .count = 4});
  // w lies next to it as x does, but before it.
  EXPECT_THAT(state.Names(answer), ElementsAre("x", "y", "z", "w"));
  EXPECT_EQ(answer[0].because, state.Item("a"));
}

TEST(OwnSessions, EachEarlierSessionSpeaks) {
  TaughtState state;
  Visit(&state, "me", "one", {"a", "x"});
  Visit(&state, "me", "two", {"a", "y"});
  Visit(&state, "me", "three", {"a", "y"});
  Visit(&state, "me", "four", {"a"});
  const auto& answer = state.Recommend(Only(BlendInput::kOwnSession),
                                       {.visitor = {.user = "me", .session = "four"}, .count = 2});
  ASSERT_THAT(state.Names(answer), ElementsAre("y", "x"));
  EXPECT_FLOAT_EQ(Value(answer[0], Feature::kOwnSession),
                  2 * Value(answer[1], Feature::kOwnSession));
}

TEST(OwnSessions, WhoGoesToAndFroInASessionIsExpectedToDoSoAgain) {
  TaughtState state;
  Visit(&state, "me", "one", {"a", "x", "y", "a"});
  const auto& answer = state.Recommend(Only(BlendInput::kOwnSession),
                                       {.visitor = {.user = "me", .session = "one"}, .count = 2});
  EXPECT_THAT(state.Names(answer), ElementsAre("x", "y"));
}

TEST(OwnSessions, OfAVisitorCountOnceTheyAreTheUsers) {
  TaughtState state;
  Visit(&state, "", "tab", {"a", "x"});
  Visit(&state, "me", "phone", {"a"});
  const Query query{.visitor = {.user = "me", .session = "phone"}, .count = 1};
  EXPECT_EQ(Value(state.Recommend(Only(BlendInput::kOwnSession), query)[0], Feature::kOwnSession),
            0);
  Visit(&state, "me", "tab", {"y"});
  Visit(&state, "me", "phone", {"b", "a"});
  const auto& answer = state.Recommend(Only(BlendInput::kOwnSession), query);
  EXPECT_THAT(state.Names(answer), ElementsAre("x"));
}

std::vector<SessionNumber> NumbersOf(const State& state, const std::string& user) {
  const Sessions& sessions = state.sessions();
  std::vector<SessionNumber> numbers;
  for (SessionId session = sessions.NewestOf(state.FindUser(User(user))); session.valid();
       session = sessions.Older(session)) {
    numbers.push_back(sessions.Number(session));
  }
  return numbers;
}

TEST(OwnSessions, AreListedByTheirStartAlsoAfterALoginAndARestart) {
  TaughtState state;
  Visit(&state, "me", "0", {"a"});
  Visit(&state, "", "1", {"b"});
  Visit(&state, "me", "2", {"c"});
  Visit(&state, "", "3", {"d"});
  Visit(&state, "me", "3", {"e"});
  Visit(&state, "me", "4", {"f"});
  Visit(&state, "me", "1", {"g"});
  const auto expected = ElementsAre(SessionNumber{4}, SessionNumber{3}, SessionNumber{2},
                                    SessionNumber{1}, SessionNumber{0});
  EXPECT_THAT(NumbersOf(state.state(), "me"), expected);

  State copy{Settings()};
  for (int step = 0; step < 2; ++step) {
    for (const char* session : {"5", "6", "7"}) {
      Event event;
      event.user_id = step == 0 ? "" : "me";
      event.session_id = session;
      event.item_id = "a";
      event.event_type = "view";
      event.time_ms = 1'600'000'000'000;
      copy.Apply({.position = {0, 1}, .received_ms = event.time_ms, .entry = event});
    }
  }
  StoredRows rows;
  rows.Commit(&copy);
  const auto loaded = rows.Load(Settings());
  ASSERT_TRUE(loaded.has_value());
  EXPECT_THAT(NumbersOf(copy, "me"),
              ElementsAre(SessionNumber{2}, SessionNumber{1}, SessionNumber{0}));
  EXPECT_EQ(NumbersOf(**loaded, "me"), NumbersOf(copy, "me"));
}

TEST(NumberedNear, BringsForwardWhatNobodyHasTouchedWithTheItem) {
  TaughtState state;
  for (const char* item : {"cup-3", "cup-9", "dish-4", "cup-5", "cup-4"}) {
    state.Touch(std::string("u") + item, item);
  }
  state.Touch("me", "cup-4");
  const auto& answer =
      state.Recommend(Only(BlendInput::kNumberedNear), {.visitor = User("me"), .count = 3});
  EXPECT_THAT(state.Names(answer), ElementsAre("cup-3", "cup-5", "cup-9"));
  EXPECT_EQ(answer[0].because, state.Item("cup-4"));
  state.Delete("cup-5");
  const auto& after =
      state.Recommend(Only(BlendInput::kNumberedNear), {.visitor = User("me"), .count = 2});
  EXPECT_THAT(state.Names(after), ElementsAre("cup-3", "cup-9"));
}

}  // namespace
}  // namespace freshet::core
