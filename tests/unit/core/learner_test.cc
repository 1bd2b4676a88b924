#include "core/recipes/learner.h"

#include <cmath>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/dump.h"
#include "core/recipes/campaign.h"
#include "core/recipes/recommend.h"
#include "tests/unit/core/event_stream.h"
#include "tests/unit/core/reopen.h"

namespace freshet::core {
namespace {

constexpr std::string_view kName = "user-personalization";

Settings WithPupil(CampaignSettings campaign = {.name = std::string(kName)}) {
  Settings settings;
  settings.campaigns = {std::move(campaign)};
  return settings;
}

// Sessions of visitors who walk along a circle of items, mostly to the next one, and now and then
// look at one item of fashion.
std::vector<StampedEntry> Walks(std::size_t sessions, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<StampedEntry> log;
  std::int64_t now_ms = kStartMs;
  for (std::size_t session = 0; session < sessions; ++session) {
    auto at = static_cast<std::uint32_t>(random() % 40);
    for (int step = 0; step < 6; ++step) {
      const bool strays = random() % 5 == 0;
      const std::string item = strays ? "fashion" : "item" + std::to_string(at);
      Event event = MakeEvent("", "s" + std::to_string(session), item, now_ms += 1000);
      event.event_id = "e" + std::to_string(log.size());
      log.push_back({{0, log.size()}, now_ms, std::move(event)});
      at = (at + 1) % 40;
    }
  }
  return log;
}

std::string DumpOf(const State& state) {
  std::ostringstream out;
  Dump(state, out);
  return out.str();
}

// The log-likelihood of the next items of a later log, by what the state has learned.
double LogLikelihood(const State& state, const std::vector<StampedEntry>& later) {
  const UserPersonalization recipe(state.settings().campaigns.front());
  QueryScratch scratch;
  double sum = 0;
  std::vector<ItemId> touched;
  std::string session;
  for (const StampedEntry& entry : later) {
    const auto& event = std::get<Event>(entry.entry);
    if (event.session_id != session) touched.clear();
    session = event.session_id;
    const ItemId next = state.catalog().Find(event.item_id);
    if (!touched.empty() && touched.back() != next) {
      scratch.room.candidates.Reset(state.catalog().slot_count());
      recipe.Propose(state, {.touched = touched}, &scratch.room);
      recipe.Score(state, &scratch.room);
      double total = 0;
      for (const Candidate& one : scratch.room.candidates.all()) total += one.score;
      const Candidate* chosen = scratch.room.candidates.Find(next);
      if (chosen != nullptr) sum += std::log(chosen->score / total);
    }
    touched.push_back(next);
  }
  return sum;
}

TEST(Learner, WhatVisitorsChooseBecomesMoreLikely) {
  State learning(WithPupil());
  Settings fixed = WithPupil();
  fixed.events_per_lesson = 0;
  State still(fixed);
  Learner learner(&learning);
  Learner without(&still);
  for (const StampedEntry& entry : Walks(2000, 1)) {
    learner.Apply(entry);
    without.Apply(entry);
  }
  EXPECT_GT(learning.blends().Of(kName).lessons(), 500U);
  EXPECT_EQ(still.blends().Of(kName).lessons(), 0U);
  const auto later = Walks(200, 2);
  EXPECT_GT(LogLikelihood(learning, later), LogLikelihood(still, later) + 10);
}

TEST(Learner, TheSameLogGivesTheSameWeightsThroughRestarts) {
  const auto log = Walks(400, 3);
  const Settings settings = WithPupil();
  State straight(settings);
  Learner learner(&straight);
  for (const StampedEntry& entry : log) learner.Apply(entry);

  auto state = std::make_unique<State>(settings);
  StoredRows stored;
  for (std::size_t i = 0; i < log.size();) {
    Learner part(state.get());
    for (const std::size_t end = std::min(i + 500, log.size()); i < end; ++i) part.Apply(log[i]);
    stored.Commit(state.get());
    auto loaded = stored.Load(settings);
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    state = std::move(*loaded);
  }
  EXPECT_EQ(DumpOf(*state), DumpOf(straight));
}

TEST(Learner, ADuplicateTeachesNothing) {
  State state(WithPupil());
  Learner learner(&state);
  const auto log = Walks(50, 4);
  for (const StampedEntry& entry : log) learner.Apply(entry);
  const std::uint64_t lessons = state.blends().Of(kName).lessons();
  EXPECT_GT(lessons, 0U);
  for (const StampedEntry& entry : log) {
    EXPECT_EQ(learner.Apply(entry), Applied::kDuplicate);
  }
  EXPECT_EQ(state.blends().Of(kName).lessons(), lessons);
}

TEST(Learner, ARetriedEventChangesNothing) {
  const auto log = Walks(400, 7);
  State once(WithPupil());
  State retried(WithPupil());
  Learner learner(&once);
  Learner with_retries(&retried);
  for (std::size_t i = 0; i < log.size(); ++i) {
    EXPECT_EQ(learner.Apply(log[i]), Applied::kLearned);
    EXPECT_EQ(with_retries.Apply(log[i]), Applied::kLearned);
    if (i % 3 != 0) continue;
    EXPECT_EQ(with_retries.Apply(log[i / 2]), Applied::kDuplicate);
  }
  EXPECT_GT(once.blends().Of(kName).lessons(), 0U);
  EXPECT_EQ(DumpOf(retried), DumpOf(once));
}

TEST(Learner, WhatIsHeardOfLateTeachesNoBlend) {
  State state(WithPupil());
  Learner learner(&state);
  for (const StampedEntry& entry : Walks(50, 8)) learner.Apply(entry);
  const std::uint64_t lessons = state.blends().Of(kName).lessons();
  const auto late = [](std::int64_t i) {
    return MakeEvent("", "s49", "item" + std::to_string(i % 40), kStartMs - 1000 * i);
  };
  for (int i = 0; i < 200; ++i) learner.Apply({{0, 0}, kStartMs, late(i)});
  EXPECT_EQ(state.blends().Of(kName).lessons(), lessons);
}

TEST(Learner, GivenWeightsAreNotLearned) {
  CampaignSettings campaign{.name = std::string(kName)};
  campaign.weights.emplace().fill(0.25F);
  State state(WithPupil(campaign));
  Learner learner(&state);
  for (const StampedEntry& entry : Walks(50, 5)) learner.Apply(entry);
  EXPECT_TRUE(state.blends().all().empty());
}

TEST(Learner, EachCampaignLearnsForItself) {
  Settings settings = WithPupil();
  settings.campaigns.push_back({.name = "fresh", .leave_out = LeaveOut::kSeen});
  settings.campaigns.push_back({.name = "popular", .recipe = RecipeKind::kPopularityCount});
  State state(settings);
  Learner learner(&state);
  for (const StampedEntry& entry : Walks(200, 6)) learner.Apply(entry);
  EXPECT_EQ(state.blends().all().size(), 2U);
  EXPECT_NE(state.blends().Of("fresh").weights(), state.blends().Of(kName).weights());
}

}  // namespace
}  // namespace freshet::core
