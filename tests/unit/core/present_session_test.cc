// Which session an answer by user id alone goes by.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/recipes/campaign.h"
#include "tests/unit/core/event_stream.h"
#include "tests/unit/core/reopen.h"
#include "tests/unit/core/taught_state.h"

namespace freshet::core {
namespace {

std::string PresentOf(const State& state, std::string_view user) {
  const SessionId session = state.FindSession(User(user));
  return session.valid() ? std::string(state.sessions().Name(session)) : "none";
}

class PresentSessionTest : public testing::Test {
 protected:
  void Start(const Settings& settings) {
    state_ = std::make_unique<State>(settings);
    feed_ = std::make_unique<Feed>(state_.get());
  }
  void SetUp() override { Start(Settings()); }

  void Touch(const std::string& user, const std::string& session, std::int64_t second,
             const std::string& item = "a") {
    feed_->Apply(MakeEvent(user, session, item, kStartMs + second * 1000),
                 kStartMs + 1'000'000'000);
  }
  [[nodiscard]] std::string Present(std::string_view user) const {
    return PresentOf(*state_, user);
  }

  std::unique_ptr<State> state_;
  std::unique_ptr<Feed> feed_;
};

TEST_F(PresentSessionTest, AUserIdAloneFindsTheSessionOfTheLatestEvent) {
  Touch("ann", "s1", 0);
  EXPECT_EQ(Present("ann"), "s1");
  Touch("ann", "s2", 10);
  EXPECT_EQ(Present("ann"), "s2");
  Touch("ann", "s1", 20);
  EXPECT_EQ(Present("ann"), "s1") << "two tabs";
  Touch("ann", "s3", 15);
  EXPECT_EQ(Present("ann"), "s1") << "an event that came late";
  Touch("ann", "", 30);
  EXPECT_EQ(Present("ann"), "") << "one cut by a pause";
  Touch("ann", "s2", 40);
  EXPECT_EQ(Present("ann"), "s2");
}

TEST_F(PresentSessionTest, ASessionIdInTheUsersPlaceFindsThatSession) {
  Touch("", "visit", 0);
  EXPECT_EQ(Present("visit"), "visit");
  Touch("ann", "visit", 10);
  Touch("ann", "other", 20);
  EXPECT_EQ(Present("visit"), "visit");
  EXPECT_EQ(Present("ann"), "other");
}

TEST_F(PresentSessionTest, AVisitorWhoLogsInKeepsTheLaterOfBothSessions) {
  Touch("ann", "before", 0);
  Touch("", "visit", 10);
  Touch("ann", "visit", 5);
  EXPECT_EQ(Present("ann"), "visit");
  Touch("bob", "phone", 100);
  Touch("", "laptop", 50);
  Touch("bob", "laptop", 60);
  EXPECT_EQ(Present("bob"), "phone");
}

TEST_F(PresentSessionTest, WhereASessionMovesToAnotherUserTheNextLatestIsLeft) {
  Touch("ann", "s1", 0);
  Touch("ann", "s2", 10);
  Touch("ann", "shared", 20);
  Touch("ann", "s3", 5);
  Touch("bob", "shared", 30);
  EXPECT_EQ(Present("ann"), "s2");
  EXPECT_EQ(Present("bob"), "shared");
  Touch("cid", "shared", 40);
  EXPECT_EQ(Present("bob"), "none");
}

TEST_F(PresentSessionTest, WhereASessionIsEvictedTheNextLatestOrNoneIsLeft) {
  Settings settings;
  settings.maximum_sessions = 2;
  Start(settings);
  Touch("ann", "s1", 100);
  Touch("ann", "s2", 10);
  Touch("bob", "s3", 200);
  EXPECT_EQ(Present("ann"), "s2");
  Touch("bob", "s4", 300);
  EXPECT_EQ(Present("ann"), "none");
  EXPECT_EQ(Present("bob"), "s4");
}

TEST_F(PresentSessionTest, IsNoneOfAnErasedUserWhoComesBack) {
  Touch("ann", "s1", 0);
  feed_->Apply(DeleteUser{"ann"});
  feed_->Apply(PutUser{"ann", {}});
  EXPECT_EQ(Present("ann"), "none");
}

TEST_F(PresentSessionTest, SurvivesARestart) {
  Touch("ann", "s1", 20);
  Touch("ann", "s2", 10);
  StoredRows stored;
  stored.Commit(state_.get());
  const auto loaded = stored.Load(Settings());
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(PresentOf(**loaded, "ann"), "s1");
}

TEST(PresentSession, EveryCampaignAnswersAUserIdAsItAnswersUserAndSession) {
  TaughtState state;
  for (int visit = 0; visit < 60; ++visit) {
    const std::string user = "u" + std::to_string(visit % 7);
    const std::string session = "s" + std::to_string(visit);
    for (int step = 0; step < 5; ++step) {
      state.Touch(user, "i" + std::to_string((visit * 5 + step * step) % 23), "view", session);
      for (const CampaignSettings& campaign : DefaultCampaigns()) {
        if (campaign.recipe == RecipeKind::kPersonalizedRanking) continue;
        const Query by_both{.visitor = {.user = user, .session = session}, .count = 10};
        const Query by_user{.visitor = User(user), .count = 10};
        const auto expected = state.Names(state.Recommend(campaign, by_both));
        EXPECT_EQ(state.Names(state.Recommend(campaign, by_user)), expected) << campaign.name;
      }
    }
  }
}

}  // namespace
}  // namespace freshet::core
