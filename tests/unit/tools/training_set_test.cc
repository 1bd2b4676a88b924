#include "tools/training_set.h"

#include <map>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

core::Event EventOf(std::string user, std::string session, std::string item, std::string type,
                    std::int64_t time_ms, std::optional<double> value = {}) {
  core::Event event;
  event.user_id = std::move(user);
  event.session_id = std::move(session);
  event.item_id = std::move(item);
  event.event_type = std::move(type);
  event.time_ms = time_ms;
  event.value = value;
  return event;
}

using Fact = std::tuple<std::string, std::string, float, std::int64_t>;

std::vector<Fact> FactsOf(const TrainingSet& set) {
  std::vector<Fact> facts;
  for (const TrainingPair& pair : set.pairs) {
    facts.emplace_back(set.user_ids[pair.user], set.item_ids[pair.item], pair.strength,
                       pair.time_ms);
  }
  return facts;
}

class TrainingSetTest : public ::testing::Test {
 protected:
  TrainingSetBuilder implicit_{core::FeedbackKind::kImplicit, {}};
  TrainingSetBuilder explicit_{core::FeedbackKind::kExplicit, {}};
};

TEST_F(TrainingSetTest, APairCountsOnceByItsStrongestEventAndLatestTime) {
  implicit_.Add(EventOf("ann", "", "tent", "view", 30));
  implicit_.Add(EventOf("ann", "", "tent", "PURCHASE", 10));
  implicit_.Add(EventOf("ann", "", "stove", "other", 20));
  const TrainingSet set = implicit_.Take();
  EXPECT_THAT(FactsOf(set), ElementsAre(Fact("ann", "tent", 5, 30), Fact("ann", "stove", 1, 20)));
  EXPECT_EQ(set.events, 3u);
}

TEST_F(TrainingSetTest, OfRatingsTheLatestCountsAndEventsWithoutOneDoNot) {
  explicit_.Add(EventOf("ann", "", "tent", "rating", 20, 2.0));
  explicit_.Add(EventOf("ann", "", "tent", "rating", 10, 5.0));
  explicit_.Add(EventOf("ann", "", "stove", "view", 30));
  EXPECT_THAT(FactsOf(explicit_.Take()), ElementsAre(Fact("ann", "tent", 2, 20)));
}

TEST_F(TrainingSetTest, AVisitorTrainsWithoutANameUntilLoggingIn) {
  implicit_.Add(EventOf("", "s1", "tent", "view", 1));
  implicit_.Add(EventOf("", "s2", "stove", "view", 2));
  implicit_.Add(EventOf("ann", "s1", "lamp", "view", 3));
  implicit_.Add(EventOf("", "s1", "rope", "view", 4));
  const TrainingSet set = implicit_.Take();
  EXPECT_THAT(FactsOf(set), ElementsAre(Fact("", "stove", 1, 2), Fact("ann", "tent", 1, 1),
                                        Fact("ann", "lamp", 1, 3), Fact("", "rope", 1, 4)));
  EXPECT_EQ(set.user_ids.size(), 3u);
}

TEST_F(TrainingSetTest, WhatWasDeletedIsGone) {
  implicit_.Add(EventOf("ann", "", "tent", "view", 1));
  implicit_.Add(EventOf("ann", "", "stove", "view", 2));
  implicit_.Add(EventOf("bob", "", "lamp", "view", 3));
  implicit_.Add(core::DeleteItem{"tent"});
  implicit_.Add(core::DeleteUser{"bob"});
  implicit_.Add(core::DeleteUser{"nobody"});
  implicit_.Add(EventOf("eve", "", "tent", "view", 4));
  const TrainingSet set = implicit_.Take();
  EXPECT_THAT(FactsOf(set), ElementsAre(Fact("ann", "stove", 1, 2), Fact("eve", "tent", 1, 4)));
  EXPECT_THAT(set.user_ids, ElementsAre("ann", "eve"));
  EXPECT_THAT(set.item_ids, ElementsAre("stove", "tent"));
}

// As core::History has it: by seconds, of the same second the later one; what comes again within
// its second keeps its place.
TEST_F(TrainingSetTest, PairsKnowHowManyOfTheUsersAreNewer) {
  implicit_.Add(EventOf("ann", "", "tent", "view", 5000));
  implicit_.Add(EventOf("ann", "", "stove", "view", 5100));
  implicit_.Add(EventOf("ann", "", "tent", "view", 5200));
  implicit_.Add(EventOf("bob", "", "stove", "view", 9000));
  implicit_.Add(EventOf("ann", "", "late", "view", 1000));
  implicit_.Add(EventOf("", "s1", "lamp", "view", 4000));
  implicit_.Add(EventOf("ann", "s1", "rope", "view", 6000));
  implicit_.Add(EventOf("ann", "s1", "late", "view", 7000));
  const TrainingSet set = implicit_.Take();
  std::map<std::string, std::uint32_t> newer;
  for (const TrainingPair& pair : set.pairs) {
    if (set.user_ids[pair.user] == "ann") newer[set.item_ids[pair.item]] = pair.newer;
  }
  EXPECT_THAT(newer, ElementsAre(Pair("lamp", 4), Pair("late", 0), Pair("rope", 1),
                                 Pair("stove", 2), Pair("tent", 3)));
}

TEST_F(TrainingSetTest, TheStateAndItsLogAgreeOnWhatIsNewer) {
  core::Settings settings;
  core::State state(settings);
  std::mt19937 random(7);
  for (std::uint64_t i = 0; i < 2000; ++i) {
    core::Event event =
        EventOf("u" + std::to_string(random() % 20), "", "i" + std::to_string(random() % 50),
                "view", static_cast<std::int64_t>(random() % 60'000));
    implicit_.Add(event);
    state.Apply({.position = {0, i}, .received_ms = 60'000, .entry = event});
  }
  const auto newer_of = [](const TrainingSet& set) {
    std::map<std::pair<std::string, std::string>, std::uint32_t> newer;
    for (const TrainingPair& pair : set.pairs) {
      newer[{set.user_ids[pair.user], set.item_ids[pair.item]}] = pair.newer;
    }
    return newer;
  };
  EXPECT_EQ(newer_of(implicit_.Take()), newer_of(TrainingSetOf(state)));
}

TEST_F(TrainingSetTest, RecencyIsAmongTheChosenPairs) {
  TrainingSet set;
  set.user_ids = {"ann", "bob"};
  set.item_ids = {"tent", "stove", "lamp"};
  set.pairs = {{0, 0, 1, 10, 2}, {0, 1, 2, 30, 0}, {0, 2, 1, 20, 1}, {1, 1, 1, 5, 0}};
  const core::Recency recency{.weight = 4, .half_life_items = 1};
  const auto all = InteractionsOf(set, set.pairs, recency);
  EXPECT_EQ(all.Row(0)[0].strength, 2);
  EXPECT_EQ(all.Row(0)[1].strength, 10);
  EXPECT_EQ(all.Row(0)[2].strength, 3);
  EXPECT_EQ(all.Row(1)[0].strength, 5);
  set.pairs.erase(set.pairs.begin() + 1);
  const auto without_newest = InteractionsOf(set, set.pairs, recency);
  EXPECT_EQ(without_newest.Row(0)[0].strength, 3);
  EXPECT_EQ(without_newest.Row(0)[1].strength, 5);
  EXPECT_EQ(InteractionsOf(set, set.pairs).Row(1)[0].strength, 1);
}

TEST_F(TrainingSetTest, OfNothingThereIsNothing) {
  const TrainingSet set = implicit_.Take();
  EXPECT_THAT(set.pairs, IsEmpty());
  EXPECT_THAT(set.user_ids, IsEmpty());
}

}  // namespace
}  // namespace freshet::tools
