// The solvers against plain dense ones in double precision.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include <Eigen/Dense>
#include <gtest/gtest.h>

#include "core/factors/als.h"
#include "core/factors/block_descent.h"
#include "core/factors/dense_kernels.h"
#include "core/factors/fold_in.h"
#include "core/factors/gramian.h"

namespace freshet::core {
namespace {

// Gives tasks to three workers in turn, in an order of its own.
class OutOfOrder final : public Workers {
 public:
  [[nodiscard]] std::size_t count() const override { return 3; }
  void Run(std::size_t tasks, const Task& task) override {
    for (std::size_t i = tasks; i-- > 0;) task(i % 3, i);
  }
};

FactorMatrix RandomMatrix(std::size_t rows, std::size_t dimension, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  FactorMatrix matrix(rows, dimension);
  for (float& value : matrix.values()) value = normal(random);
  return matrix;
}

Eigen::VectorXd AsVector(std::span<const float> row) {
  return Eigen::Map<const Eigen::VectorXf>(row.data(), static_cast<Eigen::Index>(row.size()))
      .cast<double>();
}

Eigen::MatrixXd AsMatrix(const FactorMatrix& factors) {
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const RowMajor>(factors.values().data(),
                                    static_cast<Eigen::Index>(factors.rows()),
                                    static_cast<Eigen::Index>(factors.dimension()))
      .cast<double>();
}

// The formula of core/factors/objective.h, as it stands there.
Eigen::VectorXd DenseSolution(const Objective& objective, const Regularization& regularization,
                              const FactorMatrix& others,
                              std::span<const Interactions::Entry> pairs) {
  const auto dimension = static_cast<Eigen::Index>(others.dimension());
  const Eigen::MatrixXd all = AsMatrix(others);
  Eigen::MatrixXd matrix = objective.background_weight * all.transpose() * all;
  Eigen::VectorXd right = Eigen::VectorXd::Zero(dimension);
  for (const Interactions::Entry& pair : pairs) {
    const Eigen::VectorXd y = AsVector(others.Row(pair.column));
    matrix += objective.Weight(pair.strength) * y * y.transpose();
    right += objective.Pull(pair.strength) * y;
  }
  matrix.diagonal().array() += regularization.Of(pairs.size());
  return matrix.ldlt().solve(right);
}

double RelativeMiss(const Eigen::VectorXd& wanted, std::span<const float> got) {
  return (wanted - AsVector(got)).norm() / wanted.norm();
}

// Users like the items of their own kind, with strengths 1 to 3.
Interactions SampleInteractions(std::size_t users, std::size_t items) {
  std::mt19937_64 random(5);
  std::vector<Interaction> pairs;
  for (std::uint32_t user = 0; user < users; ++user) {
    for (std::uint32_t item = 0; item < items; ++item) {
      const std::uint64_t chance = item % 4 == user % 4 ? 3 : 20;
      if (random() % chance != 0) continue;
      pairs.push_back({user, item, static_cast<float>(1 + random() % 3)});
    }
  }
  return Interactions::Build(users, items, pairs);
}

Objective Ials(std::size_t users, std::size_t items) {
  Objective objective;
  objective.background_weight = 0.2;
  objective.user_regularization = {0.01, 1, 0.2 * static_cast<double>(items)};
  objective.item_regularization = {0.01, 1, 0.2 * static_cast<double>(users)};
  return objective;
}

Objective Hu() {
  Objective objective;
  objective.alpha = 10;
  objective.background_weight = 1;
  objective.background_target = 1;
  objective.user_regularization = objective.item_regularization = {2, 0, 0};
  return objective;
}

Objective Explicit() {
  Objective objective;
  objective.feedback = FeedbackKind::kExplicit;
  objective.mean = 2.1;
  objective.user_regularization = objective.item_regularization = {0.1, 1, 0};
  return objective;
}

TEST(DenseKernelsTest, OuterProductsAndSolutionsAreThoseOfEigen) {
  for (const std::size_t dimension : {1U, 15U, 16U, 17U, 64U, 100U, 256U}) {
    const std::size_t stride = PaddedStride(dimension);
    const std::size_t width = PaddedWidth(dimension);
    const FactorMatrix rows = RandomMatrix(37, dimension, dimension);
    std::vector<float> padded(37 * stride, 0.0F);
    for (std::size_t k = 0; k < 37; ++k) {
      std::ranges::copy(rows.Row(k), padded.begin() + static_cast<std::ptrdiff_t>(k * stride));
    }
    std::vector<float> sums(width * stride, 0.0F);
    AddOuterProducts(padded.data(), 37, stride, width, sums.data(), stride);
    const Eigen::MatrixXd wanted = AsMatrix(rows).transpose() * AsMatrix(rows);
    for (std::size_t row = 0; row < dimension; ++row) {
      for (std::size_t column = row; column < dimension; ++column) {
        EXPECT_NEAR(sums[row * stride + column],
                    wanted(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(column)),
                    2e-4);
      }
    }
    for (std::size_t i = 0; i < width; ++i) sums[i * stride + i] += 3;
    const Eigen::MatrixXd matrix =
        wanted + 3 * Eigen::MatrixXd::Identity(wanted.rows(), wanted.cols());
    std::vector<float> vector(stride, 0.0F);
    for (std::size_t i = 0; i < dimension; ++i) vector[i] = rows.Row(1)[i];
    SolvePositiveDefinite(sums.data(), stride, width, vector.data());
    EXPECT_LT(RelativeMiss(matrix.ldlt().solve(AsVector(rows.Row(1))), {vector.data(), dimension}),
              1e-5)
        << dimension;
  }
}

TEST(DenseKernelsTest, ADirectionWithoutCurvatureGetsZero) {
  std::vector<float> matrix(16 * PaddedStride(16), 0.0F);
  std::vector<float> vector(16, 1.0F);
  matrix[0] = 4;
  SolvePositiveDefinite(matrix.data(), PaddedStride(16), 16, vector.data());
  EXPECT_FLOAT_EQ(vector[0], 0.25F);
  for (std::size_t i = 1; i < 16; ++i) EXPECT_EQ(vector[i], 0.0F);
}

TEST(GramianTest, IsTheSumOverAllRowsWhoeverTakesIt) {
  const FactorMatrix factors = RandomMatrix(1000, 19, 3);
  CallingThread one;
  OutOfOrder three;
  const Gramian gramian(factors, &one);
  const Gramian again(factors, &three);
  EXPECT_TRUE(std::ranges::equal(gramian.values(), again.values()));
  const Eigen::MatrixXd wanted = AsMatrix(factors).transpose() * AsMatrix(factors);
  for (std::size_t row = 0; row < 19; ++row) {
    for (std::size_t column = 0; column < 19; ++column) {
      EXPECT_NEAR(gramian.Row(row)[column],
                  wanted(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(column)), 5e-3);
    }
  }
}

TEST(InteractionsTest, TransposingTwiceGivesTheSame) {
  const Interactions pairs = SampleInteractions(50, 40);
  const Interactions again = pairs.Transposed().Transposed();
  ASSERT_EQ(again.rows(), 50u);
  ASSERT_EQ(again.columns(), 40u);
  ASSERT_EQ(again.size(), pairs.size());
  for (std::size_t row = 0; row < 50; ++row) {
    ASSERT_EQ(again.Row(row).size(), pairs.Row(row).size());
    for (std::size_t i = 0; i < pairs.Row(row).size(); ++i) {
      EXPECT_EQ(again.Row(row)[i].column, pairs.Row(row)[i].column);
      EXPECT_EQ(again.Row(row)[i].strength, pairs.Row(row)[i].strength);
    }
  }
}

class ObjectiveTest : public ::testing::TestWithParam<Objective> {};

TEST_P(ObjectiveTest, FoldInEqualsADenseSolve) {
  const Objective& objective = GetParam();
  CallingThread workers;
  for (const std::size_t dimension : {8U, 64U, 130U}) {
    const FactorMatrix others = RandomMatrix(300, dimension, 17);
    const FoldIn fold_in(others, objective, objective.user_regularization, &workers);
    FoldInScratch scratch(dimension);
    std::vector<float> solution(dimension);
    for (const std::size_t count : {0U, 1U, 50U, 63U, 64U, 65U, 200U}) {
      std::vector<FoldInPair> pairs;
      std::vector<Interactions::Entry> entries;
      for (std::uint32_t i = 0; i < count; ++i) {
        entries.push_back({i, static_cast<float>(1 + i % 3)});
        pairs.push_back({others.Row(i).data(), entries.back().strength});
      }
      fold_in.Solve(pairs, &scratch, solution);
      const Eigen::VectorXd wanted =
          DenseSolution(objective, objective.user_regularization, others, entries);
      if (count == 0) {
        EXPECT_EQ(AsVector(solution).norm(), 0);
      } else {
        EXPECT_LT(RelativeMiss(wanted, solution), 1e-4) << dimension << ", " << count;
      }
    }
  }
}

TEST_P(ObjectiveTest, EachStepLowersTheLossExactlyAndInBlocks) {
  const Interactions pairs = SampleInteractions(120, 90);
  CallingThread workers;
  for (const std::size_t block : {0U, 16U}) {
    AlsOptions options{.dimension = 40, .block = block, .objective = GetParam()};
    Als als(pairs, options, &workers);
    double loss = als.Loss();
    for (int i = 0; i < 8; ++i) {
      als.Step();
      EXPECT_LT(als.Loss(), loss * (1 + 1e-6));
      loss = als.Loss();
    }
  }
}

TEST_P(ObjectiveTest, TrainedUsersAreFoldedIn) {
  const Objective& objective = GetParam();
  const Interactions pairs = SampleInteractions(120, 90);
  CallingThread workers;
  Als als(pairs, {.dimension = 24, .block = 16, .objective = objective}, &workers);
  for (int i = 0; i < 5; ++i) als.Step();
  als.SolveUsers();
  const FoldIn fold_in(als.items(), objective, objective.user_regularization, &workers);
  FoldInScratch scratch(24);
  std::vector<float> solution(24);
  for (std::size_t user = 0; user < pairs.rows(); ++user) {
    std::vector<FoldInPair> done;
    for (const Interactions::Entry& pair : pairs.Row(user)) {
      done.push_back({als.items().Row(pair.column).data(), pair.strength});
    }
    fold_in.Solve(done, &scratch, solution);
    EXPECT_TRUE(std::ranges::equal(solution, als.users().Row(user)));
    EXPECT_LT(RelativeMiss(DenseSolution(objective, objective.user_regularization, als.items(),
                                         pairs.Row(user)),
                           solution),
              1e-4);
  }
}

TEST(RecencyTest, TheNewestCountsMostAndEachHalfLifeHalvesWhatIsAdded) {
  const Recency recency{.weight = 8, .half_life_items = 3};
  EXPECT_FLOAT_EQ(recency.Of(0), 9);
  EXPECT_FLOAT_EQ(recency.Of(3), 5);
  EXPECT_FLOAT_EQ(recency.Of(6), 3);
  EXPECT_FLOAT_EQ(recency.Of(100'000), 1);
  EXPECT_EQ(Recency().Of(0), 1) << "by default all count alike";
}

TEST_P(ObjectiveTest, TheLossIsTheSumOverAllPairs) {
  const Objective& objective = GetParam();
  const Interactions pairs = SampleInteractions(30, 20);
  CallingThread workers;
  Als als(pairs, {.dimension = 5, .objective = objective}, &workers);
  als.Step();
  const Eigen::MatrixXd scores = AsMatrix(als.users()) * AsMatrix(als.items()).transpose();
  const Interactions by_item = pairs.Transposed();
  double wanted = objective.background_weight * scores.squaredNorm();
  for (std::size_t user = 0; user < pairs.rows(); ++user) {
    wanted += objective.user_regularization.Of(pairs.Row(user).size()) *
              AsVector(als.users().Row(user)).squaredNorm();
    for (const Interactions::Entry& pair : pairs.Row(user)) {
      const double score =
          scores(static_cast<Eigen::Index>(user), static_cast<Eigen::Index>(pair.column));
      const bool is_implicit = objective.feedback == FeedbackKind::kImplicit;
      const double miss = score - (is_implicit ? 1 : pair.strength - objective.mean);
      const double background = score - objective.background_target;
      wanted += objective.Weight(pair.strength) * miss * miss +
                objective.background_weight * (background * background - score * score);
    }
  }
  for (std::size_t item = 0; item < by_item.rows(); ++item) {
    wanted += objective.item_regularization.Of(by_item.Row(item).size()) *
              AsVector(als.items().Row(item)).squaredNorm();
  }
  EXPECT_NEAR(als.Loss() * static_cast<double>(pairs.size()), wanted, 1e-4 * wanted);
}

INSTANTIATE_TEST_SUITE_P(IalsHuAndExplicit, ObjectiveTest,
                         ::testing::Values(Ials(120, 90), Hu(), Explicit()));

TEST(AlsTest, FactorsDoNotDependOnTheWorkers) {
  const Interactions pairs = SampleInteractions(120, 90);
  for (const std::size_t block : {0U, 16U}) {
    const AlsOptions options{.dimension = 33, .block = block, .objective = Ials(120, 90)};
    CallingThread one;
    OutOfOrder three;
    Als als(pairs, options, &one);
    Als other(pairs, options, &three);
    for (int i = 0; i < 3; ++i) {
      als.Step();
      other.Step();
    }
    EXPECT_TRUE(std::ranges::equal(als.users().values(), other.users().values()));
    EXPECT_TRUE(std::ranges::equal(als.items().values(), other.items().values()));
    EXPECT_EQ(als.Loss(), other.Loss());
  }
}

TEST(AlsTest, ResumedTrainingGoesOnAsIfItHadNotStopped) {
  const Interactions pairs = SampleInteractions(60, 40);
  const AlsOptions options{.dimension = 20, .block = 16, .objective = Ials(60, 40)};
  CallingThread workers;
  Als whole(pairs, options, &workers);
  for (int i = 0; i < 4; ++i) whole.Step();
  Als first(pairs, options, &workers);
  for (int i = 0; i < 2; ++i) first.Step();
  Als second(pairs, options, &workers);
  second.Resume(first.TakeUsers(), first.TakeItems());
  for (int i = 0; i < 2; ++i) second.Step();
  EXPECT_TRUE(std::ranges::equal(whole.users().values(), second.users().values()));
  EXPECT_TRUE(std::ranges::equal(whole.items().values(), second.items().values()));
}

TEST(AlsTest, TheSeedDecides) {
  const Interactions pairs = SampleInteractions(60, 40);
  CallingThread workers;
  AlsOptions options{.dimension = 20, .objective = Ials(60, 40)};
  const Als als(pairs, options, &workers);
  options.seed = 2;
  const Als other(pairs, options, &workers);
  EXPECT_FALSE(std::ranges::equal(als.items().values(), other.items().values()));
}

TEST(AlsTest, KindsOfUsersAreTold) {
  const Interactions pairs = SampleInteractions(120, 90);
  CallingThread workers;
  Als als(pairs, {.dimension = 8, .objective = Ials(120, 90)}, &workers);
  for (int i = 0; i < 6; ++i) als.Step();
  const Eigen::MatrixXd scores = AsMatrix(als.users()) * AsMatrix(als.items()).transpose();
  double own = 0;
  double all = 0;
  for (Eigen::Index user = 0; user < scores.rows(); ++user) {
    for (Eigen::Index item = 0; item < scores.cols(); ++item) {
      all += scores(user, item) / 4;
      if (item % 4 == user % 4) own += scores(user, item);
    }
  }
  EXPECT_GT(own, 2 * all);
}

}  // namespace
}  // namespace freshet::core
