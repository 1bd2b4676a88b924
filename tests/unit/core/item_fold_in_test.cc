#include "core/recipes/item_fold_in.h"

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Dense>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/served_sample.h"
#include "tests/unit/core/taught_state.h"

namespace freshet::core {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::size_t kItems = 60;
constexpr std::size_t kMany = 1000;

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

Matrix DoublesOf(const FactorMatrix& factors) {
  Matrix doubles(factors.rows(), factors.dimension());
  for (Eigen::Index row = 0; row < doubles.rows(); ++row) {
    for (Eigen::Index k = 0; k < doubles.cols(); ++k) {
      doubles(row, k) = static_cast<double>(
          factors.Row(static_cast<std::size_t>(row))[static_cast<std::size_t>(k)]);
    }
  }
  return doubles;
}

// What solves (a G + Σ w y yᵀ + r I) x = Σ w y, by dense matrices of doubles.
Vector DenseSolve(const Matrix& gramian, const std::vector<std::pair<Vector, double>>& pairs,
                  const Objective& objective, const Regularization& regularization) {
  Matrix matrix = objective.background_weight * gramian;
  Vector right = Vector::Zero(gramian.rows());
  for (const auto& [vector, strength] : pairs) {
    matrix += objective.alpha * strength * vector * vector.transpose();
    right += objective.alpha * strength * vector;
  }
  matrix += regularization.Of(pairs.size()) * Matrix::Identity(gramian.rows(), gramian.rows());
  return matrix.ldlt().solve(right);
}

Generation GenerationWithUsers(std::uint32_t seed = 1) {
  Generation generation = SampleGeneration(kItems, seed);
  generation.users = FactorMatrix(30, kSampleDimension);
  std::mt19937 random(seed + 100);
  std::normal_distribution<float> normal(0, 0.3F);
  for (float& value : generation.users.values()) value = normal(random);
  for (int i = 0; i < 30; ++i) generation.user_ids.push_back("trained" + std::to_string(i));
  return generation;
}

std::shared_ptr<const ServedFactors> Serve(Generation generation) {
  auto made = ServedFactors::Make("sample", std::move(generation), {.has_directions = true});
  return made ? std::move(*made) : nullptr;
}

class ItemFoldInTest : public ::testing::Test {
 protected:
  void Walk(ItemFoldIn* fold_in) const {
    while (fold_in->Read(state_.state(), *factors_)) fold_in->Compute(*factors_);
  }
  // What a walk makes of everything.
  [[nodiscard]] NewbornItems Fold(std::size_t maximum = kMany) const {
    ItemFoldIn fold_in(maximum);
    Walk(&fold_in);
    return fold_in.Take();
  }
  [[nodiscard]] std::vector<std::string> Names(const NewbornItems& newborns) const {
    std::vector<std::string> names;
    for (const ItemId item : newborns.items) {
      names.emplace_back(state_.state().catalog().Name(item));
    }
    return names;
  }
  // Ten users of the first items, who like one another's.
  void TeachUsers() {
    for (int user = 0; user < 10; ++user) {
      for (int i = 0; i < 5; ++i) {
        state_.Touch("u" + std::to_string(user), "i" + std::to_string((user * 3 + i * 2) % 40),
                     i % 2 == 0 ? "view" : "purchase");
      }
    }
  }

  TaughtState state_;
  std::shared_ptr<const ServedFactors> factors_ = Serve(GenerationWithUsers());
};

TEST_F(ItemFoldInTest, IsThePlainDenseComputation) {
  TeachUsers();
  for (int user = 0; user < 8; ++user) {
    state_.Touch("u" + std::to_string(user), "born", user % 3 == 0 ? "purchase" : "view");
  }
  state_.Touch("u1", "other");
  state_.Touch("stranger", "born");  // of whom the generation knows nothing
  const NewbornItems newborns = Fold();
  ASSERT_THAT(Names(newborns), ElementsAre("born", "other"));

  const Generation generation = GenerationWithUsers();
  const Objective& objective = *generation.manifest.objective;
  const Matrix items = DoublesOf(generation.items);
  const Matrix users = DoublesOf(generation.users);
  const Matrix item_gramian = items.transpose() * items;
  const Matrix user_gramian = users.transpose() * users;
  std::vector<std::pair<Vector, double>> touchers;
  for (int user = 0; user < 8; ++user) {
    const UserId id = state_.state().FindUser(User("u" + std::to_string(user)));
    std::vector<std::pair<Vector, double>> touched;
    double strength = 0;
    for (const History::Entry& entry : state_.state().users().HistoryOf(id).entries()) {
      const std::string name(state_.state().catalog().Name(entry.item));
      if (name == "born") strength = entry.weight;
      if (name[0] != 'i') continue;
      touched.emplace_back(items.row(std::stol(name.substr(1))).transpose(), entry.weight);
    }
    ASSERT_GT(strength, 0);
    touchers.emplace_back(
        DenseSolve(item_gramian, touched, objective, objective.user_regularization), strength);
  }
  const Vector expected =
      DenseSolve(user_gramian, touchers, objective, objective.item_regularization);
  ASSERT_GT(expected.norm(), 0.1);
  for (std::size_t k = 0; k < kSampleDimension; ++k) {
    EXPECT_NEAR(static_cast<double>(newborns.vectors.Row(0)[k]),
                expected[static_cast<Eigen::Index>(k)], 1e-4);
  }
}

TEST_F(ItemFoldInTest, ManyUsersAreGatheredInSteps) {
  TeachUsers();
  for (int user = 0; user < 70; ++user) {
    const std::string name = "v" + std::to_string(user);
    state_.TouchAll(name, {"i" + std::to_string(user % 40), "born"});
  }
  ItemFoldIn fold_in(kMany);
  std::size_t steps = 0;
  for (; fold_in.Read(state_.state(), *factors_); ++steps) fold_in.Compute(*factors_);
  EXPECT_GE(steps, 70U / 16);
  const NewbornItems newborns = fold_in.Take();
  ASSERT_THAT(Names(newborns), ElementsAre("born"));

  // One step for each walk would be the same, so the last users count like the first.
  state_.Touch("v0", "late");
  EXPECT_EQ(Fold().vectors.Row(0)[0], newborns.vectors.Row(0)[0]);
}

TEST_F(ItemFoldInTest, WhatLikeMindedUsersTouchIsRecommendedAndAlike) {
  // i0 to i29 are of one kind, the others of another.
  Generation generation = GenerationWithUsers();
  for (std::size_t row = 0; row < kItems; ++row) {
    for (std::size_t k = 0; k < kSampleDimension; ++k) {
      generation.items.Row(row)[k] = (row < 30) == (k < 6) ? 0.4F : 0.02F;
    }
    generation.items.Row(row)[row % kSampleDimension] += 0.1F;
  }
  factors_ = Serve(std::move(generation));
  for (int user = 0; user < 6; ++user) {
    for (int i = 0; i < 6; ++i) {
      state_.Touch("u" + std::to_string(user), "i" + std::to_string(user + 4 * i));
    }
    state_.Touch("u" + std::to_string(user), "born", "purchase");
  }
  state_.TouchAll("like", {"i1", "i2", "i3"});
  state_.TouchAll("unlike", {"i31", "i32", "i33"});
  const std::shared_ptr<const ServedFactors> served = factors_->With(Fold());
  const CampaignSettings settings{
      .name = "factors", .recipe = RecipeKind::kFactors, .recent_items = 200};
  const auto ask = [&](const std::string& user, const ServedFactors* factors) {
    return state_.Names(
        state_.Recommend(settings, {.visitor = User(user), .count = 8, .factors = factors}));
  };
  EXPECT_THAT(ask("like", served.get()), Contains("born"));
  EXPECT_THAT(ask("unlike", served.get()), Not(Contains("born")));
  EXPECT_THAT(ask("u0", served.get()), Not(Contains("born"))) << "it was seen";

  const CampaignSettings similar{
      .name = "similar", .recipe = RecipeKind::kSimilarItems, .measure = Measure::kFactors};
  for (const AnswerItem& item :
       state_.Recommend(similar, {.item = "born", .count = 8, .factors = served.get()})) {
    EXPECT_GT(item.features[static_cast<std::size_t>(Feature::kFactors)], 0.5F);
    EXPECT_LT(std::stoi(state_.Name(item).substr(1)), 30);
  }
  EXPECT_THAT(
      state_.Names(state_.Recommend(similar, {.item = "i5", .count = 40, .factors = served.get()})),
      Contains("born"));

  // Whoever touched nothing but newborn items is folded in from those.
  state_.Touch("late", "born");
  for (const std::string& name : ask("late", served.get())) {
    EXPECT_LT(std::stoi(name.substr(1)), 30) << name;
  }
  state_.Delete("born");
  EXPECT_THAT(ask("like", served.get()), Not(Contains("")));
  EXPECT_THAT(ask("like", served.get()), Not(Contains("born")));
  EXPECT_THAT(Names(Fold()), IsEmpty());
}

TEST_F(ItemFoldInTest, IsDoneAnewAsTheItemGainsUsers) {
  TeachUsers();
  ItemFoldIn fold_in(kMany);
  Walk(&fold_in);
  EXPECT_FALSE(fold_in.has_news());
  for (int user = 0; user < 10; ++user) {
    state_.Touch("u" + std::to_string(user), "born");
    Walk(&fold_in);
    // Up to eight each counts, then an eighth more.
    EXPECT_EQ(fold_in.has_news(), user != 8) << user;
    const NewbornItems newborns = fold_in.Take();
    ASSERT_EQ(newborns.items.size(), 1U);
    EXPECT_FALSE(fold_in.has_news());
  }
  state_.Touch("u0", "born");
  Walk(&fold_in);
  EXPECT_FALSE(fold_in.has_news()) << "nobody new";
  state_.Delete("born");
  Walk(&fold_in);
  EXPECT_TRUE(fold_in.has_news());
  EXPECT_THAT(fold_in.Take().items, IsEmpty());
}

TEST_F(ItemFoldInTest, ItemsOfTheFewestUsersGiveWay) {
  TeachUsers();
  for (int item = 0; item < 6; ++item) {
    for (int user = 0; user <= item; ++user) {
      state_.Touch("u" + std::to_string(user), "born" + std::to_string(item));
    }
  }
  ItemFoldIn fold_in(2);
  Walk(&fold_in);
  EXPECT_THAT(Names(fold_in.Take()), ElementsAre("born4", "born5"));
  for (int user = 0; user < 9; ++user) state_.Touch("u" + std::to_string(user), "born0");
  Walk(&fold_in);
  EXPECT_THAT(Names(fold_in.Take()), ElementsAre("born0", "born5"));
}

TEST_F(ItemFoldInTest, AnotherGenerationBeginsFromNothing) {
  TeachUsers();
  for (int user = 0; user < 5; ++user) state_.Touch("u" + std::to_string(user), "born");
  ItemFoldIn fold_in(kMany);
  Walk(&fold_in);
  const float first = fold_in.Take().vectors.Row(0)[0];
  factors_ = Serve(GenerationWithUsers(2));  // of the same items
  Walk(&fold_in);
  EXPECT_EQ(fold_in.Take().vectors.Row(0)[0], Fold().vectors.Row(0)[0]);
  EXPECT_NE(Fold().vectors.Row(0)[0], first);
  Generation knows_it = GenerationWithUsers();
  knows_it.item_ids.back() = "born";
  factors_ = Serve(std::move(knows_it));
  Walk(&fold_in);
  EXPECT_THAT(fold_in.Take().items, Not(Contains(state_.Item("born"))));
}

TEST(ServedFactors, FoldsItemsInWhereTheGenerationTellsOfItsUsers) {
  EXPECT_EQ(Serve(SampleGeneration(4))->item_fold_in(), nullptr);
  EXPECT_NE(Serve(GenerationWithUsers())->item_fold_in(), nullptr);
  Generation without = GenerationWithUsers();
  without.manifest.objective->item_regularization.lambda = 0;
  EXPECT_EQ(Serve(std::move(without))->item_fold_in(), nullptr);
  // Of everybody, visitors too: it counts in place of the users with ids.
  Generation with_gramian = SampleGeneration(4);
  with_gramian.user_gramian = Gramian(kSampleDimension).Matrix();
  EXPECT_NE(Serve(std::move(with_gramian))->item_fold_in(), nullptr);
}

}  // namespace
}  // namespace freshet::core
