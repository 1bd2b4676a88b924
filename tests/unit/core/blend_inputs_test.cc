#include "core/recipes/blend_inputs.h"

#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace freshet::core {
namespace {

constexpr std::array<ItemId, 2> kRecent = {ItemId{4}, ItemId{2}};

std::vector<Candidate> FiveCandidates() {
  std::vector<Candidate> candidates(5);
  for (std::uint32_t slot = 0; slot < 5; ++slot) {
    const auto x = static_cast<float>(slot);
    candidates[slot].item = ItemId{slot};
    candidates[slot].Set(Feature::kSession, 2 * x);
    candidates[slot].Set(Feature::kSuccession, 1 / (1 + x));
    candidates[slot].Set(Feature::kLogDemand, x - 3);
    candidates[slot].Set(Feature::kUsers, x);
    candidates[slot].Set(Feature::kTouched, slot == 2 ? 3.0F : 0.0F);
    // The session has counted its own pairs.
    candidates[slot].Set(Feature::kCooccurrence, slot == 2 ? 100.0F : x);
    candidates[slot].Set(Feature::kNumberedNear, slot == 3 ? 0.5F : 0.0F);
  }
  return candidates;
}

BlendVector Only(BlendInput input, float weight) {
  BlendVector weights{};
  weights[static_cast<std::size_t>(input)] = weight;
  return weights;
}

// Natural logarithms of the scores, which are weights times inputs but for a constant.
std::vector<double> LogScores(BlendInput input) {
  std::vector<Candidate> candidates = FiveCandidates();
  BlendInputs inputs;
  inputs.Compute(candidates, kRecent);
  inputs.Score(Only(input, 1), 0, candidates);
  std::vector<double> logs;
  for (const Candidate& candidate : candidates) logs.push_back(std::log(candidate.score));
  return logs;
}

TEST(BlendInputs, AreWhatTheirFormulasSay) {
  const auto session = LogScores(BlendInput::kSession);
  EXPECT_NEAR(session[2] - session[4], std::log(0.501 / 1.001), 1e-5);
  EXPECT_NEAR(session[0] - session[4], std::log(0.001 / 1.001), 1e-4);
  const auto root = LogScores(BlendInput::kSessionRoot);
  EXPECT_NEAR(root[1] - root[4], 0.5 - 1, 1e-6);
  const auto demand = LogScores(BlendInput::kDemand);
  EXPECT_NEAR(demand[1] - demand[4], -3, 1e-5);
  const auto users = LogScores(BlendInput::kUsers);
  EXPECT_NEAR(users[3] - users[0], std::log(4), 1e-5);
  const auto current = LogScores(BlendInput::kCurrent);
  EXPECT_NEAR(current[4] - current[2], 1, 1e-6);
  const auto previous = LogScores(BlendInput::kPrevious);
  EXPECT_NEAR(previous[2] - previous[4], 1, 1e-6);
  const auto again = LogScores(BlendInput::kTouchedAgain);
  EXPECT_NEAR(again[2] - again[1], std::log(3), 1e-6);
}

TEST(BlendInputs, WhatTheSessionTouchedIsNotArguedForByItsOwnPairs) {
  const auto pairs = LogScores(BlendInput::kCooccurrence);
  EXPECT_NEAR(pairs[3] - pairs[4], std::log(0.751 / 1.001), 1e-5);
  EXPECT_NEAR(pairs[2] - pairs[4], -std::log(1.001), 1e-5);
  const auto root = LogScores(BlendInput::kCooccurrenceRoot);
  EXPECT_NEAR(root[1] - root[4], 0.5 - 1, 1e-6);
  EXPECT_NEAR(root[2] - root[0], 0, 1e-6);
}

TEST(BlendInputs, SomeCountTheMoreTheLongerTheSessionIs) {
  // Slot 2 was touched before the current item, 4.
  const auto touched = LogScores(BlendInput::kTouchedLong);
  EXPECT_NEAR(touched[2] - touched[1], std::log(2), 1e-6);
  const auto demand = LogScores(BlendInput::kDemandLong);
  EXPECT_NEAR(demand[1] - demand[4], -3 * std::log(2), 1e-5);
  const auto near = LogScores(BlendInput::kNumberedNear);
  EXPECT_NEAR(near[3] - near[4], 0.5, 1e-6);
}

TEST(BlendInputs, TheBestHasTheScoreOne) {
  std::vector<Candidate> candidates = FiveCandidates();
  BlendInputs inputs;
  inputs.Compute(candidates, kRecent);
  inputs.Score(Only(BlendInput::kDemand, 50), 0, candidates);
  EXPECT_EQ(candidates[4].score, 1.0);
  EXPECT_LT(candidates[3].score, 1e-20);
}

TEST(BlendInputs, WithoutASourceNothingDependsOnIt) {
  std::vector<Candidate> candidates = FiveCandidates();
  BlendInputs inputs;
  inputs.Compute(candidates, kRecent);
  inputs.Score(Only(BlendInput::kOwnSession, 3), 0, candidates);
  for (const Candidate& candidate : candidates) EXPECT_EQ(candidate.score, 1.0);
  inputs.Compute({}, {});
  inputs.Score(Blend().weights(), 0, {});
}

TEST(BlendInputs, WhatWasWeighedBeforeLeavesNoTrace) {
  for (std::uint32_t size = 5; size < 40; ++size) {
    std::vector<Candidate> fresh;
    for (std::uint32_t slot = 0; slot < size; ++slot) {
      const auto x = static_cast<float>(slot);
      fresh.emplace_back().item = ItemId{slot};
      fresh.back().Set(Feature::kSession, std::exp(-x / 3));
      fresh.back().Set(Feature::kSuccession, 1 / (1 + x));
      fresh.back().Set(Feature::kUsers, x);
      fresh.back().Set(Feature::kIdle, x / 7);
    }
    std::vector<Candidate> warm = fresh;
    BlendInputs of_fresh;
    of_fresh.Compute(fresh, kRecent);
    of_fresh.Score(Blend().weights(), 0, fresh);
    BlendInputs of_warm;
    of_warm.Compute(std::vector<Candidate>(size + 2), kRecent);
    of_warm.Compute(warm, kRecent);
    of_warm.Score(Blend().weights(), 0, warm);
    for (std::uint32_t slot = 0; slot < size; ++slot) {
      EXPECT_EQ(warm[slot].score, fresh[slot].score) << size << ", " << slot;
    }
    EXPECT_EQ(of_warm.Gradient(1), of_fresh.Gradient(1)) << size;
  }
}

// The gradient against differences of the log-likelihood, the definition.
TEST(BlendInputs, TheGradientIsThatOfTheLogLikelihood) {
  std::vector<Candidate> candidates = FiveCandidates();
  BlendInputs inputs;
  inputs.Compute(candidates, kRecent);
  BlendVector weights = Blend().weights();
  weights[static_cast<std::size_t>(BlendInput::kCurrent)] = 0.3F;
  const std::size_t chosen = 1;
  const auto log_likelihood = [&](const BlendVector& at) {
    inputs.Score(at, 0, candidates);
    double total = 0;
    for (const Candidate& candidate : candidates) total += candidate.score;
    return std::log(candidates[chosen].score / total);
  };
  inputs.Score(weights, 0, candidates);
  const BlendVector gradient = inputs.Gradient(chosen);
  for (std::size_t i = 0; i < kBlendInputCount; ++i) {
    constexpr float kStep = 0.01F;
    BlendVector up = weights;
    BlendVector down = weights;
    up[i] += kStep;
    down[i] -= kStep;
    const double slope =
        (log_likelihood(up) - log_likelihood(down)) / (2 * static_cast<double>(kStep));
    EXPECT_NEAR(static_cast<double>(gradient[i]), slope, 2e-3)
        << BlendInputName(static_cast<BlendInput>(i));
  }
}

}  // namespace
}  // namespace freshet::core
