#include "core/factors/als.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <random>
#include <utility>

#include "core/factors/block_descent.h"
#include "core/factors/normal_equations.h"

namespace freshet::core {
namespace {

constexpr std::size_t kRowsInTask = 32;

// Normally distributed, by Box and Muller: what std's distribution makes of a seed is not fixed.
FactorMatrix RandomFactors(std::size_t rows, std::size_t dimension, double deviation,
                           std::mt19937_64* random) {
  FactorMatrix factors(rows, dimension);
  const double scale = deviation / std::sqrt(static_cast<double>(dimension));
  for (float& value : factors.values()) {
    const double radius = 1.0 - static_cast<double>((*random)() >> 11) * 0x1p-53;  // above 0
    const double angle = static_cast<double>((*random)() >> 11) * 0x1p-53;
    value = static_cast<float>(scale * std::sqrt(-2 * std::log(radius)) *
                               std::cos(2 * std::numbers::pi * angle));
  }
  return factors;
}

double Dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return sum;
}

double PenaltyOf(const Interactions& pairs, const Regularization& regularization,
                 const FactorMatrix& factors) {
  double sum = 0;
  for (std::size_t row = 0; row < factors.rows(); ++row) {
    const auto vector = factors.Row(row);
    sum += regularization.Of(pairs.Row(row).size()) * Dot(vector, vector);
  }
  return sum;
}

}  // namespace

Als::Als(const Interactions& interactions, const AlsOptions& options, Workers* workers)
    : by_user_(interactions),
      by_item_(interactions.Transposed()),
      options_(options),
      workers_(workers) {
  std::mt19937_64 random(options.seed);
  users_ = RandomFactors(by_user_.rows(), options.dimension, options.initial_deviation, &random);
  items_ = RandomFactors(by_item_.rows(), options.dimension, options.initial_deviation, &random);
}

void Als::Resume(FactorMatrix users, FactorMatrix items) {
  users_ = std::move(users);
  items_ = std::move(items);
}

void Als::Step() {
  const Objective& objective = options_.objective;
  Solve(by_user_, objective.user_regularization, items_, options_.block, &users_);
  Solve(by_item_, objective.item_regularization, users_, options_.block, &items_);
}

FactorMatrix Als::SolvedUsers(const Interactions& pairs) const {
  FactorMatrix users(pairs.rows(), options_.dimension);
  Solve(pairs, options_.objective.user_regularization, items_, 0, &users);
  return users;
}

Gramian Als::Background(const FactorMatrix& factors) const {
  return options_.objective.background_weight > 0 ? Gramian(factors, workers_)
                                                  : Gramian(factors.dimension());
}

void Als::Solve(const Interactions& pairs, const Regularization& regularization,
                const FactorMatrix& others, std::size_t block, FactorMatrix* solved) const {
  const Objective& objective = options_.objective;
  const Gramian gramian = Background(others);
  const bool is_exact = block == 0 || block >= options_.dimension;
  std::vector<std::unique_ptr<NormalEquations>> equations(workers_->count());
  std::vector<std::unique_ptr<BlockDescent>> descents(workers_->count());
  const std::size_t tasks = (pairs.rows() + kRowsInTask - 1) / kRowsInTask;
  workers_->Run(tasks, [&](std::size_t worker, std::size_t task) {
    if (is_exact && equations[worker] == nullptr) {
      equations[worker] = std::make_unique<NormalEquations>(options_.dimension);
    } else if (!is_exact && descents[worker] == nullptr) {
      descents[worker] = std::make_unique<BlockDescent>(options_.dimension, block);
    }
    const std::size_t end = std::min((task + 1) * kRowsInTask, pairs.rows());
    for (std::size_t row = task * kRowsInTask; row < end; ++row) {
      const auto observed = pairs.Row(row);
      const double penalty = regularization.Of(observed.size());
      if (!is_exact) {
        descents[worker]->Improve(objective, penalty, gramian, others, observed, solved->Row(row));
        continue;
      }
      NormalEquations& one = *equations[worker];
      one.Start(gramian, objective.background_weight, penalty);
      for (const Interactions::Entry& pair : observed) {
        one.Add(others.Row(pair.column), objective.Weight(pair.strength),
                objective.Pull(pair.strength));
      }
      one.Solve(solved->Row(row));
    }
  });
}

double Als::Loss() const {
  const Objective& objective = options_.objective;
  const std::size_t tasks = (by_user_.rows() + kRowsInTask - 1) / kRowsInTask;
  std::vector<double> sums(tasks, 0);
  const Gramian gramian = Background(items_);
  const double a = objective.background_weight;
  const double b = objective.background_target;
  workers_->Run(tasks, [&](std::size_t /*worker*/, std::size_t task) {
    const std::size_t end = std::min((task + 1) * kRowsInTask, by_user_.rows());
    for (std::size_t user = task * kRowsInTask; user < end; ++user) {
      const auto x = users_.Row(user);
      double sum = 0;
      for (const Interactions::Entry& pair : by_user_.Row(user)) {
        const double score = Dot(x, items_.Row(pair.column));
        const double target =
            objective.feedback == FeedbackKind::kImplicit ? 1 : pair.strength - objective.mean;
        const double miss = score - target;
        // a (score - b)² in place of the a score² that the Gramian gives.
        sum += objective.Weight(pair.strength) * miss * miss + a * b * (b - 2 * score);
      }
      for (std::size_t i = 0; a > 0 && i < x.size(); ++i) {
        sum += a * static_cast<double>(x[i]) * Dot(x, {gramian.Row(i), x.size()});
      }
      sums[task] += sum;
    }
  });
  double loss = PenaltyOf(by_user_, objective.user_regularization, users_) +
                PenaltyOf(by_item_, objective.item_regularization, items_);
  for (const double sum : sums) loss += sum;
  return loss / static_cast<double>(std::max<std::size_t>(by_user_.size(), 1));
}

}  // namespace freshet::core
