#include "tools/training.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/factors/fold_in.h"
#include "storage/generation_folder.h"
#include "tests/unit/tools/temporary_files.h"
#include "tools/hold_out.h"
#include "tools/item_ranking.h"
#include "tools/random.h"
#include "tools/rival.h"
#include "tools/thread_workers.h"
#include "tools/trained_pairs.h"

namespace freshet::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// 40 users and 32 items of four kinds; pairs are of one kind. User 0 is a visitor.
TrainingSet Sample() {
  TrainingSet set;
  Random random(3);
  for (int user = 0; user < 40; ++user) {
    set.user_ids.push_back(user == 0 ? std::string() : "u" + std::to_string(user));
  }
  for (int item = 0; item < 32; ++item) set.item_ids.push_back("i" + std::to_string(item));
  for (std::uint32_t user = 0; user < 40; ++user) {
    for (std::uint32_t item = user % 4; item < 32; item += 4) {
      if (random.Percent(25)) continue;
      const auto strength = static_cast<float>(1 + random.Below(3));
      set.pairs.push_back({user, item, strength, static_cast<std::int64_t>(random.Below(1000))});
    }
  }
  for (TrainingPair& pair : set.pairs) {
    pair.newer =
        static_cast<std::uint32_t>(std::ranges::count_if(set.pairs, [&](const TrainingPair& other) {
          return other.user == pair.user && other.time_ms > pair.time_ms;
        }));
  }
  set.events = set.pairs.size();
  return set;
}

TrainingOptions SmallOptions() {
  TrainingOptions options;
  options.dimension = 6;
  options.iterations = 4;
  options.minimum_events = 10;
  options.held_out_share = 0.2;
  options.save_every = std::chrono::milliseconds(0);
  return options;
}

class TrainingTest : public ::testing::Test {
 protected:
  // Stops after so many iterations.
  core::Result<core::Generation> Run(const TrainingOptions& options, std::size_t stop_after = 999,
                                     std::size_t threads = 2) {
    std::atomic<bool> stop = false;
    ThreadWorkers workers(threads, &stop);
    Training training(set_, options, rival_, &workers, &stop);
    seen_.clear();
    return training.Run(state_, [&](const TrainingProgress& progress) {
      seen_.push_back(progress.iterations);
      if (seen_.size() == stop_after) stop = true;
    });
  }

  TrainingSet set_ = Sample();
  const Rival* rival_ = nullptr;
  TemporaryFolder files_;
  const std::string state_ = files_.Path("state");
  std::vector<std::size_t> seen_;
};

TEST_F(TrainingTest, AGenerationHasItsObjectiveMetricsAndNamedUsersOnly) {
  set_.through = {{0, 321}};
  const auto generation = Run(SmallOptions());
  ASSERT_TRUE(generation.has_value()) << generation.error().message;
  EXPECT_EQ(generation->items.rows(), 32u);
  EXPECT_EQ(generation->users.rows(), 39u);
  EXPECT_EQ(generation->user_ids.front(), "u1");
  const core::GenerationManifest& manifest = generation->manifest;
  EXPECT_EQ(manifest.algorithm, "ials");
  EXPECT_EQ(manifest.trained_through, (core::Positions{{0, 321}}));
  EXPECT_EQ(manifest.interactions, set_.pairs.size());
  EXPECT_DOUBLE_EQ(manifest.objective->item_regularization.offset, 0.3 * 40);
  EXPECT_GT(manifest.metrics.at("precision_at_5"), 0.2);
  EXPECT_GT(manifest.metrics.at("users_asked"), 10);
  EXPECT_EQ(seen_, (std::vector<std::size_t>{1, 2, 3, 4, 5, 6}));
}

// An item born later is folded in as if among the users it would have been trained with.
TEST_F(TrainingTest, TheGramianIsThatOfAllWhomTheItemsWereTrainedWith) {
  TrainingOptions options = SmallOptions();
  const auto recent = Run(options);
  options.recency.weight = 0;
  const auto with_visitor = Run(options);
  set_.user_ids.front() = "u0";
  const auto all_named = Run(options);
  ASSERT_TRUE(recent.has_value() && with_visitor.has_value() && all_named.has_value());
  EXPECT_EQ(all_named->user_gramian.rows(), 0u);
  EXPECT_TRUE(
      std::ranges::equal(recent->user_gramian.values(), with_visitor->user_gramian.values()))
      << "items are trained with all pairs alike";
  ASSERT_EQ(with_visitor->user_gramian.rows(), 6u);
  for (std::size_t row = 0; row < 6; ++row) {
    for (std::size_t column = 0; column < 6; ++column) {
      double sum = 0;
      for (std::size_t user = 0; user < 40; ++user) {
        const auto vector = all_named->users.Row(user);
        sum += static_cast<double>(vector[row]) * vector[column];
      }
      EXPECT_NEAR(with_visitor->user_gramian.Row(row)[column], sum, 1e-4 * std::abs(sum) + 1e-6);
    }
  }
}

// Whoever has done nothing new is folded in to the vector that stands in the generation.
TEST_F(TrainingTest, UsersAreAsADaemonFoldsThemIn) {
  const auto generation = Run(SmallOptions());
  ASSERT_TRUE(generation.has_value());
  const core::Objective& objective = *generation->manifest.objective;
  EXPECT_GT(objective.recency.weight, 0);
  core::CallingThread workers;
  const core::FoldIn fold_in(generation->items, objective, objective.user_regularization, &workers);
  core::FoldInScratch scratch(generation->dimension());
  std::vector<float> folded(generation->dimension());
  for (std::uint32_t user = 1; user < set_.user_ids.size(); ++user) {
    std::vector<TrainingPair> history;
    std::ranges::copy_if(set_.pairs, std::back_inserter(history),
                         [&](const TrainingPair& pair) { return pair.user == user; });
    std::ranges::sort(history, {}, &TrainingPair::newer);
    std::vector<core::FoldInPair> pairs;
    for (const TrainingPair& pair : history) {
      pairs.push_back({generation->items.Row(pair.item).data(),
                       pair.strength * objective.recency.Of(pairs.size())});
    }
    fold_in.Solve(pairs, &scratch, folded);
    const auto trained = generation->users.Row(user - 1);  // the visitor has none
    for (std::size_t i = 0; i < folded.size(); ++i) EXPECT_NEAR(folded[i], trained[i], 1e-4);
  }
}

// What was not observed weighs 20 times what was, all together, and 0.3 a pair at most.
TEST_F(TrainingTest, TheBackgroundWeighsLessInASparseCatalogue) {
  TrainingOptions options = SmallOptions();
  options.held_out_share = 0;
  const auto weight = [&] { return Run(options)->manifest.objective->background_weight; };
  EXPECT_DOUBLE_EQ(weight(), 0.3);
  while (set_.user_ids.size() < 200)
    set_.user_ids.push_back("s" + std::to_string(set_.user_ids.size()));
  while (set_.item_ids.size() < 400)
    set_.item_ids.push_back("j" + std::to_string(set_.item_ids.size()));
  for (std::uint32_t item = 32; item < 400; ++item) set_.pairs.push_back({item % 200, item, 1, 0});
  EXPECT_DOUBLE_EQ(weight(), 20 * static_cast<double>(set_.pairs.size()) / (200.0 * 400));
  options.background_weight = 0.125;
  EXPECT_DOUBLE_EQ(weight(), 0.125);
}

TEST_F(TrainingTest, AnInterruptedTrainingEndsAsIfItHadNotBeen) {
  const auto whole = Run(SmallOptions());
  ASSERT_TRUE(whole.has_value());
  for (const std::size_t stop_after : {1U, 3U, 4U, 5U}) {
    std::filesystem::remove_all(state_);
    const auto stopped = Run(SmallOptions(), stop_after);
    ASSERT_FALSE(stopped.has_value());
    EXPECT_EQ(stopped.error().code, core::ErrorCode::kUnavailable);
    const auto resumed = Run(SmallOptions(), 999, 1);
    ASSERT_TRUE(resumed.has_value()) << resumed.error().message;
    EXPECT_LT(seen_.size(), 6u) << stop_after;
    EXPECT_TRUE(std::ranges::equal(resumed->items.values(), whole->items.values()));
    EXPECT_TRUE(std::ranges::equal(resumed->users.values(), whole->users.values()));
    EXPECT_EQ(resumed->manifest.metrics.size(), whole->manifest.metrics.size());
  }
}

TEST_F(TrainingTest, AStateOfOtherOptionsOrDataIsPassedOver) {
  ASSERT_FALSE(Run(SmallOptions(), 3).has_value());
  TrainingOptions other = SmallOptions();
  other.lambda = 0.5;
  ASSERT_FALSE(Run(other, 1).has_value());
  EXPECT_EQ(seen_.front(), 1u);
  ASSERT_FALSE(Run(SmallOptions(), 3).has_value());
  set_.pairs.front().strength = 9;
  ASSERT_FALSE(Run(SmallOptions(), 1).has_value());
  EXPECT_EQ(seen_.front(), 1u);
}

TEST_F(TrainingTest, TooLittleIsRefused) {
  TrainingOptions options = SmallOptions();
  options.minimum_events = 100'000;
  EXPECT_THAT(Run(options).error().message, HasSubstr("interactions, 100,000 are needed"));
  options = SmallOptions();
  options.minimum_users = 41;
  EXPECT_THAT(Run(options).error().message, HasSubstr("40 users with two items or more, 41"));
  set_.pairs.clear();
  options.minimum_events = options.minimum_users = 0;
  EXPECT_THAT(Run(options).error().message, HasSubstr("nothing to train with"));
}

TEST_F(TrainingTest, WithoutAHoldOutNothingIsMeasured) {
  TrainingOptions options = SmallOptions();
  options.held_out_share = 0;
  const auto generation = Run(options);
  ASSERT_TRUE(generation.has_value());
  EXPECT_TRUE(generation->manifest.metrics.empty());
  EXPECT_EQ(seen_.size(), 4u);
}

TEST_F(TrainingTest, ExplicitTrainingSaysItsError) {
  TrainingOptions options = SmallOptions();
  options.feedback = core::FeedbackKind::kExplicit;
  options.lambda = 0.05;
  const auto generation = Run(options);
  ASSERT_TRUE(generation.has_value());
  EXPECT_EQ(generation->manifest.algorithm, "explicit-als");
  EXPECT_GT(generation->manifest.metrics.at("rmse"), 0);
}

class RivalTest : public TrainingTest {
 protected:
  // What a training with everything up to then makes of the sample.
  Rival TrainedUntil(std::int64_t time_ms, const TrainingOptions& options) {
    const TrainingSet all = set_;
    std::erase_if(set_.pairs, [&](const TrainingPair& pair) { return pair.time_ms > time_ms; });
    auto generation = Run(options);
    set_ = all;
    EXPECT_TRUE(generation.has_value());
    const std::string path = files_.Path("rival");
    std::filesystem::remove_all(path);
    EXPECT_TRUE(storage::WriteGeneration(*generation, path).ok());
    auto rival = Rival::Read(path + "/");
    EXPECT_TRUE(rival.has_value());
    return std::move(*rival);
  }
  static TrainingOptions Options() {
    TrainingOptions options = SmallOptions();
    options.minimum_asked = 10;
    return options;
  }
};

TEST_F(RivalTest, IsComparedByWhatItHasNotSeen) {
  const Rival rival = TrainedUntil(700, Options());
  EXPECT_LE(rival.manifest().trained_until_ms, 700);
  EXPECT_GT(rival.manifest().trained_until_ms, 600);
  rival_ = &rival;
  TrainingOptions options = Options();
  options.held_out_share = 0.9;  // it has seen most of this
  const auto generation = Run(options);
  ASSERT_TRUE(generation.has_value()) << generation.error().message;
  const auto& comparison = generation->manifest.comparison;
  ASSERT_TRUE(comparison.has_value());
  EXPECT_EQ(comparison->against, "rival");
  EXPECT_EQ(comparison->metric, Rival::kMetric);
  EXPECT_EQ(comparison->value, generation->manifest.metrics.at(comparison->metric));
  // Both were trained with the same pairs, options and seed, so up to rounding both are the same,
  // but for the iterations that the rival went on for with what it had held out.
  EXPECT_NEAR(comparison->value, comparison->other_value, 0.2 * comparison->value);
  EXPECT_GT(comparison->other_value, 0.3);
}

TEST_F(RivalTest, AWorseTrainingDoesNotHold) {
  const Rival rival = TrainedUntil(700, Options());
  rival_ = &rival;
  TrainingOptions options = Options();
  options.dimension = 1;
  options.lambda = 100;
  const auto worse = Run(options);
  ASSERT_TRUE(worse.has_value());
  EXPECT_FALSE(worse->manifest.comparison->Holds());
  options.tolerance = 1;
  EXPECT_TRUE(Run(options)->manifest.comparison->Holds());
}

TEST_F(RivalTest, TooLittleThatIsNewIsRefusedBeforeTheTraining) {
  const Rival rival = TrainedUntil(995, Options());
  rival_ = &rival;
  const auto refused = Run(Options());
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, core::ErrorCode::kTooLittle);
  EXPECT_THAT(refused.error().message, HasSubstr("anything new since rival was trained, 10"));
  EXPECT_TRUE(seen_.empty());
}

TEST_F(RivalTest, WhatItWasTrainedWithIsNotHeldOutHoweverNewItIs) {
  ASSERT_TRUE(TrainedPairs::Of(set_).Write(files_.Path("rival")).ok());
  const Rival rival = TrainedUntil(700, Options());  // reads the pairs of all
  TimeSplit split = SplitByTime(set_, 0.5, 700);
  ASSERT_GT(split.held_out.size(), 20U);
  const std::size_t all = split.train.size() + split.held_out.size();
  rival.KeepUnseen(set_, &split);
  EXPECT_TRUE(split.held_out.empty());
  EXPECT_EQ(split.train.size(), all);
}

TEST(TrainedPairsTest, KnowsEachPairAndFewOthers) {
  TemporaryFolder files;
  const TrainingSet set = Sample();
  ASSERT_TRUE(TrainedPairs::Of(set).Write(files.Path("g")).ok());
  const auto read = TrainedPairs::Read(files.Path("g"));
  ASSERT_TRUE(read.has_value());
  for (const TrainingPair& pair : set.pairs) {
    const std::string& user = set.user_ids[pair.user];
    EXPECT_TRUE(user.empty() || read->Has(user, set.item_ids[pair.item]));
  }
  int others = 0;
  for (int i = 0; i < 10'000; ++i) others += read->Has("stranger", std::to_string(i)) ? 1 : 0;
  EXPECT_LT(others, 300);
  const auto absent = TrainedPairs::Read(files.Path("absent"));
  ASSERT_TRUE(absent.has_value());
  EXPECT_FALSE(absent->Has("u1", "i1"));
}

TEST_F(RivalTest, ItemsThatItDoesNotKnowAreNoneOfItsAnswers) {
  const Rival rival = TrainedUntil(2000, Options());
  TrainingSet other;
  other.user_ids = {"new"};
  other.item_ids = {"unknown", set_.item_ids[0], set_.item_ids[4], set_.item_ids[1]};
  core::CallingThread workers;
  const auto metrics =
      rival.Measure(other, {.train = {{0, 0, 1}, {0, 1, 1}}, .held_out = {{0, 2, 1}}}, &workers);
  EXPECT_EQ(metrics.at("users_asked"), 1);
  EXPECT_DOUBLE_EQ(metrics.at("mean_reciprocal_rank_at_25"), 1) << "item 4 is of item 0's kind";
}

TEST(HoldOutTest, TheNewestAreHeldOutAndEqualTimesStayTogether) {
  TrainingSet set;
  for (std::uint32_t i = 0; i < 10; ++i) set.pairs.push_back({0, i, 1, 100 + i / 4});
  const TimeSplit split = SplitByTime(set, 0.3);
  EXPECT_EQ(split.train.size(), 8u);
  EXPECT_EQ(split.held_out.size(), 2u);
  EXPECT_EQ(SplitByTime(set, 0).train.size(), 10u);
  EXPECT_EQ(SplitByTime(set, 0.7, 101).held_out.size(), 2u);
  EXPECT_TRUE(SplitByTime(set, 0.7, 102).held_out.empty());
}

TEST(HoldOutTest, AnswersLeaveOutWhatWasTrainedWith) {
  // Item 0 is everybody's best, item 1 the next.
  core::FactorMatrix users(3, 1);
  core::FactorMatrix items(4, 1);
  std::ranges::fill(users.values(), 1.0F);
  for (std::size_t i = 0; i < 4; ++i) items.Row(i)[0] = 4.0F - static_cast<float>(i);
  const std::vector<core::Interaction> trained = {{0, 0, 1}, {1, 1, 1}};
  const std::vector<core::Interaction> later = {{0, 1, 1}, {1, 2, 1}, {2, 0, 1}};
  const auto train = core::Interactions::Build(3, 4, trained);
  const auto held_out = core::Interactions::Build(3, 4, later);
  core::CallingThread workers;
  const auto metrics = MeasureRanking(train, held_out, users, items, &workers);
  EXPECT_EQ(metrics.at("users_asked"), 2);  // user 2 was not trained with
  // User 0 is answered 1, 2, 3; user 1 is answered 0, 2, 3.
  EXPECT_DOUBLE_EQ(metrics.at("mean_reciprocal_rank_at_25"), (1 + 0.5) / 2);
  EXPECT_DOUBLE_EQ(metrics.at("precision_at_5"), 0.2);
  EXPECT_DOUBLE_EQ(metrics.at("normalized_discounted_cumulative_gain_at_5"),
                   (1 + 1 / std::log2(3)) / 2);
  EXPECT_DOUBLE_EQ(metrics.at("coverage"), 1);
  EXPECT_TRUE(
      MeasureRanking(train, core::Interactions::Build(3, 4, {}), users, items, &workers).empty());
}

TEST(ItemRankingTest, BestFirstWithoutTheKnownAndTiesToTheSmallerRow) {
  core::FactorMatrix items(40, 3);
  for (std::size_t row = 0; row < 40; ++row) {
    std::ranges::fill(items.Row(row), static_cast<float>(row / 2 % 10));
  }
  const ItemRanking ranking(items);
  ItemRanking::Scratch scratch;
  const std::vector<float> user = {1, 0.5F, -1};
  const auto rows = [&](std::span<const core::Interactions::Entry> known, std::size_t count) {
    std::vector<std::uint32_t> best;
    for (const core::ScoredRow& row : ranking.Best(user, known, count, &scratch)) {
      best.push_back(row.row.value);
    }
    return best;
  };
  EXPECT_THAT(rows({}, 5), ElementsAre(18, 19, 38, 39, 16));
  const std::vector<core::Interactions::Entry> known = {{18, 1}, {39, 1}, {16, 1}};
  EXPECT_THAT(rows(known, 4), ElementsAre(19, 38, 17, 36));
  EXPECT_EQ(rows(known, 100).size(), 37u);
}

TEST(HoldOutTest, RatingsOfUnknownItemsAreNotAsked) {
  core::FactorMatrix users(1, 1);
  core::FactorMatrix items(3, 1);
  users.Row(0)[0] = 1;
  for (std::size_t i = 0; i < 3; ++i) items.Row(i)[0] = 4;
  const std::vector<core::Interaction> trained = {{0, 0, 3}, {0, 1, 4}};
  const std::vector<core::Interaction> later = {{0, 1, 5}, {0, 2, 1}};
  const auto metrics = MeasureRatings(core::Interactions::Build(1, 3, trained),
                                      core::Interactions::Build(1, 3, later), users, items);
  EXPECT_EQ(metrics.at("ratings_asked"), 1);
  EXPECT_DOUBLE_EQ(metrics.at("rmse"), 1);
}

TEST(ThreadWorkersTest, EachTaskIsDoneOnceByAWorkerThereIs) {
  ThreadWorkers workers(3);
  std::vector<std::atomic<int>> done(1000);
  workers.Run(1000, [&](std::size_t worker, std::size_t task) {
    ASSERT_LT(worker, 3u);
    ++done[task];
  });
  EXPECT_TRUE(std::ranges::all_of(done, [](const auto& count) { return count == 1; }));
}

}  // namespace
}  // namespace freshet::tools
