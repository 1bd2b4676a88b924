#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "tests/bench/factor_quality.h"
#include "tools/random.h"

namespace freshet::bench {
namespace {

double Rmse(const core::Als& als, const std::vector<Rating>& test,
            const core::Interactions& by_user, const core::Interactions& by_item) {
  double squares = 0;
  std::size_t asked = 0;
  for (const Rating& rating : test) {
    if (by_user.Row(rating.user).empty() || by_item.Row(rating.item).empty()) continue;
    const auto x = als.users().Row(rating.user);
    const auto y = als.items().Row(rating.item);
    const double score = std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
    const double miss = score - static_cast<double>(rating.value);
    squares += miss * miss;
    ++asked;
  }
  return std::sqrt(squares / static_cast<double>(asked));
}

}  // namespace

core::Status RunRatings(const QualityOptions& options, core::Workers* workers) {
  const auto ratings = ReadRatings(options.data);
  if (!ratings) return ratings.error();
  const Sizes sizes = SizesOf(*ratings);
  tools::Random random(options.als.seed);
  std::vector<core::Interaction> train;
  std::vector<Rating> test;
  const auto held_out = static_cast<std::uint64_t>(options.test_share * 1e6);
  for (const Rating& rating : *ratings) {
    if (random.Below(1'000'000) < held_out) {
      test.push_back(rating);
    } else {
      train.push_back({rating.user, rating.item, rating.value});
    }
  }
  const auto by_user = core::Interactions::Build(sizes.users, sizes.items, train);
  const auto by_item = by_user.Transposed();
  core::AlsOptions als_options = options.als;
  core::Objective& objective = als_options.objective;
  objective.feedback = core::FeedbackKind::kExplicit;
  objective.user_regularization = {options.lambda, options.exponent, 0};
  objective.item_regularization = objective.user_regularization;
  core::Als als(by_user, als_options, workers);
  for (std::size_t iteration = 1; iteration <= options.iterations; ++iteration) {
    als.Step();
    if (iteration % 5 != 0 && iteration != options.iterations) continue;
    std::printf("iteration %2zu: RMSE %.4f over %zu ratings, loss %.5f\n", iteration,
                Rmse(als, test, by_user, by_item), test.size(), als.Loss());
    std::fflush(stdout);
  }
  return {};
}

}  // namespace freshet::bench
