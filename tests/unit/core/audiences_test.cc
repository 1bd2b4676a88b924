#include "core/audiences.h"

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

const CampaignSettings kPersonal{.name = "personal", .exploration_weight = 0};

PutUser Described(const std::string& user, const std::string& country) {
  return {user, {{"COUNTRY", country}}};
}

// Many Finns who go for saunas, a few Greeks who go for olives, and everybody for bread.
TaughtState TwoCountries() {
  TaughtState state;
  for (int i = 0; i < 100; ++i) {
    const std::string user = "fi" + std::to_string(i);
    state.Apply(Described(user, "fi"));
    state.TouchAll(user, {"sauna", "bread"});
  }
  for (int i = 0; i < 40; ++i) {
    const std::string user = "gr" + std::to_string(i);
    state.Apply(Described(user, "gr|eu"));
    state.TouchAll(user, {"olives", "bread"});
  }
  return state;
}

TEST(Audiences, ANewUserGetsWhatIsPopularAmongTheLike) {
  TaughtState state = TwoCountries();
  state.Apply(Described("new", "gr"));
  const auto answer = state.Recommend(kPersonal, {.visitor = User("new"), .count = 3});
  EXPECT_THAT(state.Names(answer), ElementsAre("bread", "olives", "sauna"));
  EXPECT_EQ(answer[0].reason, Reason::kPopular);
  EXPECT_THAT(state.Names(state.Recommend(kPersonal, {.visitor = User("stranger"), .count = 3})),
              ElementsAre("bread", "sauna", "olives"));
}

TEST(Audiences, TheRequestMayTellTheAttributes) {
  TaughtState state = TwoCountries();
  const std::vector<Column> context = {{"COUNTRY", std::string("eu")}};
  const Query query{.visitor = User("stranger"), .context = context, .count = 2};
  EXPECT_THAT(state.Names(state.Recommend(kPersonal, query)), ElementsAre("bread", "olives"));
}

TEST(Audiences, AttributesThatNobodyHasChangeNothing) {
  TaughtState state = TwoCountries();
  state.Apply(
      PutUser{"new", {{"COUNTRY", std::string("atlantis")}, {"GENDER", *Number::Parse("3")}}});
  EXPECT_THAT(state.Names(state.Recommend(kPersonal, {.visitor = User("new"), .count = 3})),
              ElementsAre("bread", "sauna", "olives"));
}

TEST(Audiences, ASmallAudienceFollowsEverybody) {
  TaughtState state = TwoCountries();
  state.Apply(Described("first", "nz"));
  state.Touch("first", "olives");
  state.Apply(Described("second", "nz"));
  EXPECT_THAT(state.Names(state.Recommend(kPersonal, {.visitor = User("second"), .count = 3})),
              ElementsAre("bread", "sauna", "olives"));
}

TEST(Audiences, ADeletedItemIsNotShown) {
  TaughtState state = TwoCountries();
  state.Delete("olives");
  state.Apply(Described("new", "gr"));
  EXPECT_THAT(state.Names(state.Recommend(kPersonal, {.visitor = User("new"), .count = 3})),
              ElementsAre("bread", "sauna"));
}

TEST(Audiences, CapsHold) {
  Settings settings;
  settings.maximum_audiences = 2;
  Audiences audiences(settings);
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const std::vector<Column> columns = {{"COUNTRY", std::to_string(i % 5)}};
    audiences.Count(columns, ItemId{i % 7 == 0 ? 1 : i}, 1, i);
  }
  EXPECT_EQ(audiences.size(), 2U);
  const Audiences::Audience& audience = audiences.At(0);
  EXPECT_EQ(audience.items.size(), Audiences::kMaximumItems);
  // What has more than its share of the events is never lost: Space-Saving's guarantee.
  EXPECT_THAT(audience.items, testing::Contains(ItemId{1}));
}

TEST(Audiences, ComeBackFromTheirRows) {
  Settings settings;
  State state(settings);
  std::uint64_t offset = 0;
  const auto apply = [&](LogEntry entry) {
    state.Apply({{0, offset}, static_cast<std::int64_t>(1'600'000'000'000 + offset), entry});
    ++offset;
  };
  for (int i = 0; i < 50; ++i) {
    apply(Described("u" + std::to_string(i), i % 2 == 0 ? "fi" : "gr"));
    Event event;
    event.user_id = "u" + std::to_string(i);
    event.item_id = "i" + std::to_string(i % 7);
    event.event_type = "view";
    event.time_ms = 1'600'000'000'000 + i;
    apply(event);
  }
  StoredRows stored;
  stored.Commit(&state);
  const auto loaded = stored.Load(settings);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  ASSERT_EQ((*loaded)->audiences().size(), 2U);
  for (std::uint32_t number = 0; number < 2; ++number) {
    const std::vector<Column> columns = {
        {"COUNTRY", std::string(state.audiences().Name(number).substr(sizeof("COUNTRY=") - 1))}};
    (*loaded)->audiences().ForEach(columns, [&](const Audiences::Audience& audience) {
      EXPECT_EQ(audience.items, state.audiences().At(number).items);
      EXPECT_EQ(audience.total.log2_mass(), state.audiences().At(number).total.log2_mass());
    });
  }
}

TEST(Audiences, RefuseDamagedRows) {
  const Settings settings;
  Audiences audiences(settings);
  EXPECT_FALSE(audiences.LoadRow("COUNTRY=fi", "").ok());
  EXPECT_FALSE(audiences.LoadRow("COUNTRY=fi", std::string(30, '\1')).ok());
  EXPECT_FALSE(audiences.LoadRow("", std::string("\1\0\0\0\0\0\0\0\0\0", 10)).ok());
  EXPECT_TRUE(audiences.LoadRow("COUNTRY=fi", std::string("\1\0\0\0\0\0\0\0\0\0", 10)).ok());
  EXPECT_FALSE(audiences.LoadRow("COUNTRY=fi", std::string("\1\0\0\0\0\0\0\0\0\0", 10)).ok());
}

}  // namespace
}  // namespace freshet::core
