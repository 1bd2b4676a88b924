#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <limits>
#include <utility>

#include "core/factors/fold_in.h"
#include "tests/bench/factor_quality.h"

namespace freshet::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Hits and gains over the users of a test.
struct Measured {
  double hits = 0;
  double gain = 0;
  double asked = 0;

  void Add(std::size_t place, std::size_t cut_off) {
    asked += 1;
    if (place >= cut_off) return;
    hits += 1;
    gain += 1 / std::log2(static_cast<double>(place) + 2);
  }
  void Add(const Measured& other) {
    hits += other.hits;
    gain += other.gain;
    asked += other.asked;
  }
};

struct NcfResult {
  Measured sampled;  // at 10
  Measured full;     // at 20

  void Add(const NcfResult& other) {
    sampled.Add(other.sampled);
    full.Add(other.full);
  }
  void Print(const char* what) const {
    std::printf("%-10s sampled HR@10 %.4f NDCG@10 %.4f, all items HR@20 %.4f NDCG@20 %.4f\n", what,
                sampled.hits / sampled.asked, sampled.gain / sampled.asked, full.hits / full.asked,
                full.gain / full.asked);
    std::fflush(stdout);
  }
};

NcfResult Ask(const TestUser& test, std::span<const core::Interactions::Entry> known,
              std::span<const float> user, const core::FactorMatrix& items) {
  NcfResult result;
  std::vector<float> scores = ScoresOf(user, items);
  const float wanted = scores[test.item];
  const auto better = [=](float score) { return score > wanted; };
  result.sampled.Add(static_cast<std::size_t>(std::ranges::count_if(
                         test.negatives, [&](std::uint32_t item) { return better(scores[item]); })),
                     10);
  for (const auto& pair : known) scores[pair.column] = -std::numeric_limits<float>::infinity();
  result.full.Add(static_cast<std::size_t>(std::ranges::count_if(scores, better)), 20);
  return result;
}

core::Interactions PairsOf(const std::vector<Rating>& ratings, Sizes sizes, std::size_t fold,
                           std::size_t folds) {
  std::vector<core::Interaction> pairs;
  for (const Rating& rating : ratings) {
    if (folds == 0 || rating.user % folds != fold) pairs.push_back({rating.user, rating.item, 1});
  }
  return core::Interactions::Build(sizes.users, sizes.items, pairs);
}

// All pairs, with strengths by recency. Ratings of the same second are as new as each other; where
// the time is not known, as all that is known is newer.
core::Interactions Histories(const std::vector<Rating>& ratings, Sizes sizes,
                             const core::Recency& recency) {
  std::vector<std::vector<std::int64_t>> times(sizes.users);
  for (const Rating& rating : ratings) times[rating.user].push_back(rating.time_s);
  for (auto& of_user : times) std::ranges::sort(of_user);
  std::vector<core::Interaction> pairs;
  for (const Rating& rating : ratings) {
    const auto& all = times[rating.user];
    const auto newer = all.end() - std::ranges::upper_bound(all, rating.time_s);
    pairs.push_back({rating.user, rating.item, recency.Of(static_cast<std::size_t>(newer))});
  }
  return core::Interactions::Build(sizes.users, sizes.items, pairs);
}

core::Als Trained(const QualityOptions& options, const core::Interactions& pairs,
                  core::Workers* workers) {
  core::AlsOptions als_options = options.als;
  als_options.objective = IalsObjective(options, pairs);
  core::Als als(pairs, als_options, workers);
  for (std::size_t iteration = 0; iteration < options.iterations; ++iteration) als.Step();
  return als;
}

// Each fold's users are asked for after a training without them, folded in from their history.
NcfResult AskStrangers(const QualityOptions& options, const NcfSplit& split, Sizes sizes,
                       core::Workers* workers) {
  const core::Interactions all = Histories(split.train, sizes, options.recency);
  NcfResult result;
  for (std::size_t fold = 0; fold < options.strangers; ++fold) {
    const auto pairs = PairsOf(split.train, sizes, fold, options.strangers);
    const core::Als als = Trained(options, pairs, workers);
    const core::Objective objective = IalsObjective(options, pairs);
    const core::FoldIn fold_in(als.items(), objective, objective.user_regularization, workers);
    core::FoldInScratch scratch(options.als.dimension);
    std::vector<float> user(options.als.dimension);
    for (const TestUser& test : split.test) {
      if (test.user % options.strangers != fold) continue;
      std::vector<core::FoldInPair> done;
      for (const auto& pair : all.Row(test.user)) {
        done.push_back({als.items().Row(pair.column).data(), pair.strength});
      }
      fold_in.Solve(done, &scratch, user);
      result.Add(Ask(test, all.Row(test.user), user, als.items()));
    }
  }
  return result;
}

}  // namespace

core::Status RunNcf(const QualityOptions& options, core::Workers* workers) {
  auto split = ReadNcfSplit(options.data);
  if (!split) return split.error();
  const Sizes sizes = SizesOf(split->train);
  if (options.validate) *split = ValidationSplit(*split, 7);
  const core::Interactions pairs = PairsOf(split->train, sizes, 0, 0);
  const auto begin = Clock::now();
  const auto processor_begin = std::clock();
  const core::Als als = Trained(options, pairs, workers);
  std::printf("trained in %.1f s, %.1f s of processors, loss %.5f\n",
              std::chrono::duration<double>(Clock::now() - begin).count(),
              static_cast<double>(std::clock() - processor_begin) / CLOCKS_PER_SEC, als.Loss());
  const core::FactorMatrix users = als.SolvedUsers(Histories(split->train, sizes, options.recency));
  std::vector<NcfResult> answers(split->test.size());
  workers->Run(answers.size(), [&](std::size_t /*worker*/, std::size_t i) {
    const TestUser& test = split->test[i];
    answers[i] = Ask(test, pairs.Row(test.user), users.Row(test.user), als.items());
  });
  NcfResult result;
  for (const NcfResult& answer : answers) result.Add(answer);
  result.Print("users");
  if (options.strangers > 1) AskStrangers(options, *split, sizes, workers).Print("strangers");
  return {};
}

}  // namespace freshet::bench
