// factor_bench: how fast factors are trained and folded in. tests/bench/bench_factors.py runs it
// beside implicit.
//
//   factor_bench train PAIRS --factors N --block N --iterations N ...   a line an iteration
//   factor_bench fold-in --factors N --pairs N                          microseconds a user
//
// PAIRS is a file of 32-bit numbers: how many users and items there are, then user and item of each
// pair.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "core/factors/als.h"
#include "core/factors/fold_in.h"
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
  std::size_t threads = 0;
  std::size_t pairs = 50;
};

core::Interactions ReadPairs(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::vector<char> bytes((std::istreambuf_iterator<char>(in)), {});
  std::vector<std::uint32_t> numbers(bytes.size() / sizeof(std::uint32_t));
  std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(std::uint32_t));
  std::vector<core::Interaction> pairs;
  for (std::size_t i = 2; i + 1 < numbers.size(); i += 2) {
    pairs.push_back({numbers[i], numbers[i + 1], 1});
  }
  return core::Interactions::Build(numbers.at(0), numbers.at(1), pairs);
}

void Train(const Options& options) {
  const core::Interactions pairs = ReadPairs(options.pairs_file);
  tools::ThreadWorkers workers(options.threads);
  core::Als als(pairs, options.als, &workers);
  double seconds = 0;
  for (std::size_t iteration = 1; iteration <= options.iterations; ++iteration) {
    const auto start = Clock::now();
    als.Step();
    const double taken = Since(start);
    seconds += taken;
    std::printf("%zu %.4f %.4f %.6f\n", iteration, taken, seconds, als.Loss());
  }
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
  app.add_option("--threads", options.threads);
  app.add_option("--pairs", options.pairs, "fold-in: of a user");
  CLI::App* train = app.add_subcommand("train");
  train->add_option("FILE", options.pairs_file)->required();
  app.add_subcommand("fold-in");
  CLI11_PARSE(app, argc, argv);
  objective.user_regularization = objective.item_regularization = {options.lambda, 0, 0};
  if (train->parsed()) {
    Train(options);
  } else {
    FoldIn(options);
  }
  return 0;
}

}  // namespace
}  // namespace freshet::bench

int main(int argc, char** argv) { return freshet::bench::Main(argc, argv); }
