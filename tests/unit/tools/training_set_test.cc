#include "tools/training_set.h"

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

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

TEST_F(TrainingSetTest, OfNothingThereIsNothing) {
  const TrainingSet set = implicit_.Take();
  EXPECT_THAT(set.pairs, IsEmpty());
  EXPECT_THAT(set.user_ids, IsEmpty());
}

}  // namespace
}  // namespace freshet::tools
