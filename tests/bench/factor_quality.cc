// factor_quality: how good trained factors are, by published protocols on MovieLens-1M.
//
//   factor_quality ncf|ratings|stream --data DIR [--factors N] [--lambda X] ...
#include "tests/bench/factor_quality.h"

#include <functional>
#include <iostream>

#include <CLI/CLI.hpp>

#include "core/factors/dense_kernels.h"
#include "tools/thread_workers.h"

namespace freshet::bench {

core::Objective IalsObjective(const QualityOptions& options, const core::Interactions& pairs) {
  core::Objective objective;
  objective.background_weight = options.background;
  objective.user_regularization = {options.lambda, options.exponent,
                                   options.background * static_cast<double>(pairs.columns())};
  objective.item_regularization = {options.lambda, options.exponent,
                                   options.background * static_cast<double>(pairs.rows())};
  return objective;
}

std::vector<float> ScoresOf(std::span<const float> user, const core::FactorMatrix& items) {
  std::vector<float> scores(items.rows());
  core::MultiplyRows(items.values().data(), items.rows(), items.dimension(), items.dimension(),
                     user.data(), scores.data());
  return scores;
}

namespace {

using Protocol = std::function<core::Status(const QualityOptions&, core::Workers*)>;

int Main(int argc, char** argv) {
  CLI::App app("how good trained factors are, on MovieLens-1M", "factor_quality");
  QualityOptions options;
  options.als.dimension = 512;
  options.als.block = 32;
  Protocol protocol;
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--data", options.data, "the folder movielens-1m")->required();
  app.add_option("--factors", options.als.dimension, "but for ratings a multiple of 16");
  app.add_option("--block", options.als.block);
  app.add_option("--iterations", options.iterations);
  app.add_option("--lambda", options.lambda);
  app.add_option("--exponent", options.exponent);
  app.add_option("--background-weight", options.background);
  app.add_option("--recency", options.recency.weight, "not of ratings");
  app.add_option("--recency-half-life", options.recency.half_life_items);
  app.add_option("--seed", options.als.seed);
  app.add_option("--threads", options.threads);
  CLI::App* ncf = app.add_subcommand("ncf");
  ncf->add_flag("--validate", options.validate, "on a split of the training part, for tuning");
  ncf->add_option("--strangers", options.strangers, "also in so many folds, users left out");
  ncf->callback([&] { protocol = RunNcf; });
  CLI::App* ratings = app.add_subcommand("ratings");
  ratings->add_option("--test-share", options.test_share);
  ratings->callback([&] { protocol = RunRatings; });
  CLI::App* stream = app.add_subcommand("stream");
  stream->add_flag("--validate", options.validate, "on the first 80 % alone, for tuning");
  stream->callback([&] { protocol = RunStream; });
  CLI11_PARSE(app, argc, argv);
  if (!ratings->parsed() && options.als.dimension % core::kKernelColumns != 0) {
    std::cerr << "--factors must be a multiple of 16\n";
    return 1;
  }
  tools::ThreadWorkers workers(options.threads);
  const core::Status status = protocol(options, &workers);
  if (status.ok()) return 0;
  std::cerr << status.error().message << '\n';
  return 1;
}

}  // namespace
}  // namespace freshet::bench

int main(int argc, char** argv) { return freshet::bench::Main(argc, argv); }
