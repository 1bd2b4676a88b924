// factor_bench: how fast factors are trained, asked and folded in. tests/bench/bench_factors.py
// runs it beside implicit and Spark.
//
//   factor_bench train PAIRS --factors N --block N --iterations N ...   a line an iteration
//   factor_bench batch PAIRS --factors N --iterations N ...             training, then all answers
//   factor_bench fold-in --factors N --pairs N                          microseconds a user
//
// PAIRS is a file of 32-bit numbers: how many users and items there are, then user, item and
// strength (a float) of each pair.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "core/factors/als.h"
#include "core/factors/fold_in.h"
#include "tools/item_ranking.h"
#include "tools/thread_workers.h"

namespace freshet::bench {
namespace {

using Clock = std::chrono::steady_clock;

double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Options {
  std::string pairs_file;
  core::AlsOptions als;
  std::size_t iterations = 15;
  double lambda = 1;
  double exponent = 0;
  bool ratings = false;
  std::size_t threads = 0;
  std::size_t pairs = 50;
};

struct Pairs {
  std::uint32_t users = 0;
  std::uint32_t items = 0;
  std::vector<core::Interaction> pairs;

  [[nodiscard]] core::Interactions Build() const {
    return core::Interactions::Build(users, items, pairs);
  }
};

Pairs ReadPairs(const std::string& path) {
  static_assert(sizeof(core::Interaction) == 3 * sizeof(std::uint32_t));
  std::ifstream in(path, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(in)), {});
  Pairs read;
  const std::size_t start = sizeof(read.users) + sizeof(read.items);
  if (bytes.size() < start) return read;
  std::memcpy(&read.users, bytes.data(), sizeof(read.users));
  std::memcpy(&read.items, bytes.data() + sizeof(read.users), sizeof(read.items));
  read.pairs.resize((bytes.size() - start) / sizeof(core::Interaction));
  std::memcpy(read.pairs.data(), bytes.data() + start,
              read.pairs.size() * sizeof(core::Interaction));
  return read;
}

void Train(const Options& options) {
  const core::Interactions pairs = ReadPairs(options.pairs_file).Build();
  tools::ThreadWorkers workers(options.threads);
  core::Als als(pairs, options.als, &workers);
  double seconds = 0;
  for (std::size_t iteration = 1; iteration <= options.iterations; ++iteration) {
    const std::clock_t clock = std::clock();
    const auto start = Clock::now();
    als.Step();
    const double taken = Since(start);
    const double processors = static_cast<double>(std::clock() - clock) / CLOCKS_PER_SEC;
    seconds += taken;
    std::printf("%zu %.4f %.4f %.6f %.4f\n", iteration, taken, seconds, als.Loss(), processors);
  }
}

// A job from pairs in memory to the best items of every user: prints the seconds of the training,
// all of it, its loss, and the seconds of the answers.
void Batch(const Options& options) {
  constexpr std::size_t kAnswerItems = 10;
  constexpr std::size_t kUsersInTask = 64;
  const Pairs read = ReadPairs(options.pairs_file);
  tools::ThreadWorkers workers(options.threads);
  auto start = Clock::now();
  const core::Interactions pairs = read.Build();
  core::Als als(pairs, options.als, &workers);
  for (std::size_t i = 0; i < options.iterations; ++i) als.Step();
  als.SolveUsers();
  const double trained = Since(start);
  start = Clock::now();
  const core::FactorMatrix& users = als.users();
  std::vector<core::ScoredRow> answers(users.rows() * kAnswerItems);
  const tools::ItemRanking ranking(als.items());
  std::vector<tools::ItemRanking::Scratch> scratch(workers.count());
  const std::size_t tasks = (users.rows() + kUsersInTask - 1) / kUsersInTask;
  workers.Run(tasks, [&](std::size_t worker, std::size_t task) {
    const std::size_t end = std::min(users.rows(), (task + 1) * kUsersInTask);
    for (std::size_t user = task * kUsersInTask; user < end; ++user) {
      const auto best = ranking.Best(users.Row(user), {}, kAnswerItems, &scratch[worker]);
      std::ranges::copy(best, answers.begin() + static_cast<std::ptrdiff_t>(user * kAnswerItems));
    }
  });
  const double answered = Since(start);
  std::printf("%.4f %.6f %.4f\n", trained, als.Loss(), answered);
}

void FoldIn(const Options& options) {
  constexpr std::size_t kItems = 3706;
  constexpr int kRounds = 200;
  tools::ThreadWorkers workers(options.threads);
  std::vector<core::Interaction> none;
  const auto empty = core::Interactions::Build(1, kItems, none);
  const core::Als als(empty, options.als, &workers);
  const core::FoldIn fold_in(als.items(), options.als.objective,
                             options.als.objective.user_regularization, &workers);
  core::FoldInScratch scratch(options.als.dimension);
  std::vector<float> user(options.als.dimension);
  std::vector<double> taken;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<core::FoldInPair> pairs;
    for (std::size_t i = 0; i < options.pairs; ++i) {
      const std::size_t item = (static_cast<std::size_t>(round) * 977 + i * 61) % kItems;
      pairs.push_back({als.items().Row(item).data(), 1});
    }
    const auto start = Clock::now();
    fold_in.Solve(pairs, &scratch, user);
    taken.push_back(1e6 * Since(start));
  }
  std::ranges::sort(taken);
  std::printf("%.2f %.2f\n", taken[taken.size() / 2], taken.front());
}

int Main(int argc, char** argv) {
  CLI::App app("how fast factors are trained and folded in", "factor_bench");
  Options options;
  core::Objective& objective = options.als.objective;
  objective.background_weight = 1;
  objective.background_target = 1;
  objective.alpha = 9;
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--factors", options.als.dimension);
  app.add_option("--block", options.als.block);
  app.add_option("--iterations", options.iterations);
  app.add_option("--alpha", objective.alpha);
  app.add_option("--lambda", options.lambda);
  app.add_option("--exponent", options.exponent, "of the regularisation");
  app.add_flag("--ratings", options.ratings, "strengths are ratings to foretell");
  app.add_option("--threads", options.threads);
  app.add_option("--pairs", options.pairs, "fold-in: of a user");
  CLI::App* train = app.add_subcommand("train");
  train->add_option("FILE", options.pairs_file)->required();
  CLI::App* batch = app.add_subcommand("batch");
  batch->add_option("FILE", options.pairs_file)->required();
  app.add_subcommand("fold-in");
  CLI11_PARSE(app, argc, argv);
  objective.user_regularization = {options.lambda, options.exponent, 0};
  objective.item_regularization = objective.user_regularization;
  if (options.ratings) {
    objective.feedback = core::FeedbackKind::kExplicit;
    objective.background_weight = 0;
  }
  if (train->parsed()) {
    Train(options);
  } else if (batch->parsed()) {
    Batch(options);
  } else {
    FoldIn(options);
  }
  return 0;
}

}  // namespace
}  // namespace freshet::bench

int main(int argc, char** argv) { return freshet::bench::Main(argc, argv); }
