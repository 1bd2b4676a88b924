#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Dense>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/recipes/factors.h"
#include "tests/unit/core/served_sample.h"
#include "tests/unit/core/taught_state.h"

namespace freshet::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::size_t kItems = 60;

CampaignSettings Settings(LeaveOut leave_out = LeaveOut::kSeen) {
  return {.name = "factors",
          .recipe = RecipeKind::kFactors,
          .recent_items = 200,
          .leave_out = leave_out};
}

std::string ItemName(std::size_t row) { return "i" + std::to_string(row); }

// The inner products of all items with the vector that solves
//   (a G + Σ w y yᵀ + r I) x = Σ w y,
// computed with dense matrices of doubles. `strengths` are by row, 0 for what is not in the
// history.
Eigen::VectorXd DenseScores(const Generation& generation, const std::vector<double>& strengths) {
  const auto dimension = static_cast<Eigen::Index>(generation.dimension());
  const auto rows = static_cast<Eigen::Index>(generation.items.rows());
  Eigen::MatrixXd items(rows, dimension);
  for (Eigen::Index i = 0; i < rows; ++i) {
    for (Eigen::Index k = 0; k < dimension; ++k) {
      items(i, k) = static_cast<double>(
          generation.items.Row(static_cast<std::size_t>(i))[static_cast<std::size_t>(k)]);
    }
  }
  const Objective& objective = *generation.manifest.objective;
  Eigen::MatrixXd matrix = objective.background_weight * items.transpose() * items;
  Eigen::VectorXd right = Eigen::VectorXd::Zero(dimension);
  std::size_t pairs = 0;
  for (Eigen::Index i = 0; i < rows; ++i) {
    const double weight = objective.alpha * strengths[static_cast<std::size_t>(i)];
    if (weight == 0) continue;
    ++pairs;
    matrix += weight * items.row(i).transpose() * items.row(i);
    right += weight * items.row(i).transpose();
  }
  matrix +=
      objective.user_regularization.Of(pairs) * Eigen::MatrixXd::Identity(dimension, dimension);
  return items * matrix.ldlt().solve(right);
}

class FactorsRecipeTest : public ::testing::Test {
 protected:
  FactorsRecipeTest() : generation_(SampleGeneration(kItems)), factors_(ServedSample(kItems)) {
    for (std::size_t row = 0; row < kItems; ++row) state_.Touch("everybody", ItemName(row));
  }

  const std::vector<AnswerItem>& Ask(const std::string& user, Query query = {},
                                     LeaveOut leave_out = LeaveOut::kSeen) {
    query.visitor = User(user);
    query.factors = factors_.get();
    return state_.Recommend(Settings(leave_out), query);
  }
  // Ann's answers are what dense matrices of doubles give for her history.
  void ExpectDenseComputation();
  static float InnerProductOf(const AnswerItem& item) {
    return item.features[static_cast<std::size_t>(Feature::kFactors)];
  }

  Generation generation_;
  std::unique_ptr<const ServedFactors> factors_;
  TaughtState state_;
};

void FactorsRecipeTest::ExpectDenseComputation() {
  state_.Touch("ann", "i3", "purchase");
  state_.Touch("ann", "i17");
  state_.Touch("ann", "i41");
  std::vector<double> strengths(kItems, 0);
  const UserId ann = state_.state().FindUser(User("ann"));
  std::size_t newer = 0;
  for (const History::Entry& entry : state_.state().users().HistoryOf(ann).entries()) {
    const std::string name(state_.state().catalog().Name(entry.item));
    const double recency = static_cast<double>(generation_.manifest.objective->recency.Of(newer++));
    strengths[std::stoul(name.substr(1))] = entry.weight * recency;
  }
  const Eigen::VectorXd scores = DenseScores(generation_, strengths);
  std::vector<std::size_t> order;
  for (std::size_t row = 0; row < kItems; ++row) {
    if (strengths[row] == 0) order.push_back(row);
  }
  const auto score = [&](std::size_t row) { return scores[static_cast<Eigen::Index>(row)]; };
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return score(a) > score(b); });
  order.resize(10);

  const auto& answer = Ask("ann", {.count = 10});
  ASSERT_EQ(answer.size(), 10U);
  for (std::size_t place = 0; place < order.size(); ++place) {
    EXPECT_EQ(state_.Name(answer[place]), ItemName(order[place])) << place;
    EXPECT_NEAR(static_cast<double>(InnerProductOf(answer[place])), score(order[place]), 1e-5);
    EXPECT_EQ(answer[place].reason, Reason::kNone);
    EXPECT_NEAR(answer[place].score / answer[0].score,
                std::exp(score(order[place]) - score(order[0])), 1e-5);
  }
}

TEST_F(FactorsRecipeTest, IsThePlainDenseComputation) { ExpectDenseComputation(); }

TEST_F(FactorsRecipeTest, WhatWasDoneLastCountsMost) {
  generation_.manifest.objective->recency = {.weight = 3, .half_life_items = 2};
  Generation served = SampleGeneration(kItems);
  served.manifest = generation_.manifest;
  auto made = ServedFactors::Make("recent", std::move(served));
  ASSERT_TRUE(made.has_value());
  factors_ = std::move(*made);
  ExpectDenseComputation();
}

TEST_F(FactorsRecipeTest, AHistoryThatTheGenerationKnowsNothingOfIsAnsweredWithWhatIsPopular) {
  // As training leaves an item that nobody touched who touched another.
  Generation served = SampleGeneration(kItems);
  for (float& number : served.items.Row(3)) number *= 1e-6F;
  auto made = ServedFactors::Make("sample", std::move(served));
  ASSERT_TRUE(made.has_value());
  factors_ = std::move(*made);
  for (const char* user : {"one", "another"}) state_.Touch(user, "i20");
  state_.Touch("ann", "i3");
  for (int again = 0; again < 2; ++again) {
    const auto& answer = Ask("ann", {.count = 5});
    ASSERT_EQ(answer.size(), 5U);
    EXPECT_EQ(state_.Name(answer[0]), "i20");
    for (const AnswerItem& item : answer) {
      EXPECT_EQ(item.reason, Reason::kPopular);
      EXPECT_FALSE(item.has_score);
    }
  }
  state_.Touch("ann", "i5");
  EXPECT_TRUE(Ask("ann", {.count = 5})[0].has_score) << "one item that is known is enough";
}

TEST_F(FactorsRecipeTest, AnEventCountsInTheVeryNextAnswer) {
  state_.Touch("ann", "i3");
  const auto before = state_.Names(Ask("ann", {.count = 5}));
  state_.Touch("ann", before[0]);
  EXPECT_THAT(state_.Names(Ask("ann", {.count = 5})), Not(testing::Contains(before[0])));
  EXPECT_THAT(state_.Names(Ask("ann", {.count = 5}, LeaveOut::kNone)),
              testing::Contains(before[0]));
}

// A warm thread keeps what users were folded in to; whatever happens, it answers like a fresh one.
TEST_F(FactorsRecipeTest, WhatWasFoldedInBeforeIsNeverOld) {
  const auto other = ServedSample(kItems, 2);
  ASSERT_EQ(other->number(), factors_->number()) << "the same items";
  const Campaign campaign(Settings(LeaveOut::kCurrent));
  std::mt19937 random(5);
  bool uses_other = false;
  for (int step = 0; step < 400; ++step) {
    const std::string item = ItemName(random() % kItems);
    const std::string user = "u" + std::to_string(random() % 4);
    switch (random() % 8) {
      case 0:
        state_.Delete(item);
        break;
      case 1:
        uses_other = !uses_other;
        break;
      case 2:
      case 3:
        state_.Touch(user, item, random() % 2 == 0 ? "purchase" : "view");
        break;
      default:
        break;
    }
    const Query query{
        .visitor = User(user), .count = 10, .factors = uses_other ? other.get() : factors_.get()};
    QueryScratch fresh;
    core::Recommend(state_.state(), campaign.recipe(), query, &fresh);
    const auto& warm = state_.Recommend(Settings(LeaveOut::kCurrent), query);
    ASSERT_EQ(state_.Names(warm), state_.Names(fresh.answer)) << step;
    for (std::size_t i = 0; i < warm.size(); ++i) {
      ASSERT_EQ(warm[i].score, fresh.answer[i].score) << step;
    }
  }
}

TEST_F(FactorsRecipeTest, WhatIsLeftOutGivesItsPlaceToTheNext) {
  state_.TouchAll("ann", {"i3", "i17", "i41"});
  const auto all = state_.Names(Ask("ann", {.count = kItems}, LeaveOut::kNone));
  ASSERT_EQ(all.size(), kItems);
  const auto expect = [&](std::vector<std::string> gone, const std::vector<std::string>& answer) {
    std::vector<std::string> expected;
    for (const std::string& name : all) {
      if (std::find(gone.begin(), gone.end(), name) == gone.end()) expected.push_back(name);
    }
    expected.resize(8);
    EXPECT_EQ(answer, expected);
  };
  expect({}, state_.Names(Ask("ann", {.count = 8}, LeaveOut::kNone)));
  expect({"i41"}, state_.Names(Ask("ann", {.count = 8}, LeaveOut::kCurrent)));
  expect({"i3", "i17", "i41"}, state_.Names(Ask("ann", {.count = 8})));
  expect({"i41", all[0]},
         state_.Names(Ask("ann", {.item = all[0], .count = 8}, LeaveOut::kCurrent)));
}

TEST_F(FactorsRecipeTest, DeletedItemsAndOtherCategoriesGiveTheirPlacesToTheNext) {
  state_.Touch("ann", "i3");
  const auto all = state_.Names(Ask("ann", {.count = kItems}));
  for (std::size_t place = 0; place < 30; ++place) state_.Delete(all[place]);
  for (std::size_t place = 40; place < 44; ++place) state_.Describe(all[place], "rare");
  EXPECT_EQ(state_.Names(Ask("ann", {.count = 5})),
            std::vector<std::string>(all.begin() + 30, all.begin() + 35));
  EXPECT_EQ(state_.Names(Ask("ann", {.category = "rare", .count = 4})),
            std::vector<std::string>(all.begin() + 40, all.begin() + 44));
}

TEST_F(FactorsRecipeTest, ItemsThatOnlyTheCatalogueOrOnlyTheGenerationKnowsDoNoHarm) {
  state_.Touch("ann", "i3");
  const auto before = state_.Names(Ask("ann", {.count = 5}));
  state_.Touch("ann", "never trained with");
  EXPECT_EQ(state_.Names(Ask("ann", {.count = 5})), before);

  TaughtState young;
  young.TouchAll("bob", {"i3", before[0], before[2]});
  young.Touch("ann", "i3");
  const auto& answer =
      young.Recommend(Settings(), {.visitor = User("ann"), .count = 5, .factors = factors_.get()});
  EXPECT_THAT(young.Names(answer), ElementsAre(before[0], before[2]));
}

TEST_F(FactorsRecipeTest, AVisitorOfWhomItKnowsNothingGetsWhatIsPopular) {
  state_.Touch("ann", "never trained with");
  for (const char* user : {"ann", "nobody", ""}) {
    const auto& answer = Ask(user, {.count = 5});
    ASSERT_EQ(answer.size(), 5U) << user;
    for (const AnswerItem& item : answer) EXPECT_EQ(item.reason, Reason::kPopular) << user;
  }
  state_.Touch("bob", "i3");
  for (const AnswerItem& item :
       state_.Recommend(Settings(), {.visitor = User("bob"), .count = 5})) {
    EXPECT_EQ(item.reason, Reason::kPopular) << "there is no generation";
  }
}

TEST_F(FactorsRecipeTest, WhatASessionIsSaidToHaveTouchedStandsForTheHistory) {
  state_.Touch("ann", "i3");
  const std::vector<ItemId> touched = {state_.Item("i3"), state_.Item("i3")};
  const auto told = state_.Names(Ask("nobody", {.touched = touched, .count = 5}));
  EXPECT_EQ(told, state_.Names(Ask("ann", {.count = 5})));
}

TEST(ServedFactors, FactorsThatCannotBeFoldedInAreRefusedWithTheReason) {
  const auto refusal = [](auto&& change) {
    Generation generation = SampleGeneration(4);
    change(&generation.manifest);
    const auto made = ServedFactors::Make("night", std::move(generation));
    EXPECT_FALSE(made);
    if (made) return std::string();
    EXPECT_EQ(made.error().code, ErrorCode::kInvalidArgument);
    return made.error().message;
  };
  EXPECT_THAT(refusal([](GenerationManifest* manifest) { manifest->objective.reset(); }),
              HasSubstr("has no objective"));
  EXPECT_THAT(refusal([](GenerationManifest* manifest) {
                manifest->objective->feedback = FeedbackKind::kExplicit;
              }),
              HasSubstr("explicit"));
  EXPECT_THAT(refusal([](GenerationManifest* manifest) {
                manifest->objective->user_regularization.lambda = 0;
              }),
              HasSubstr("user_regularization.lambda"));
}

TEST(ServedFactors, KnowsItsItemsByName) {
  const auto factors = ServedSample(4);
  EXPECT_EQ(factors->name(), "sample");
  EXPECT_EQ(factors->items(), 4U);
  EXPECT_EQ(factors->dimension(), kSampleDimension);
  for (std::uint32_t row = 0; row < 4; ++row) {
    EXPECT_EQ(factors->Find(ItemName(row)), FactorRow{row});
    EXPECT_EQ(factors->NameOf(FactorRow{row}), ItemName(row));
  }
  EXPECT_FALSE(factors->Find("i4").valid());
  EXPECT_FALSE(factors->Find("").valid());
}

// Workers that were told to stop before they began.
class IdleWorkers final : public Workers {
 public:
  [[nodiscard]] std::size_t count() const override { return 1; }
  void Run(std::size_t /*tasks*/, const Task& /*task*/) override {}
};

TEST(ServedFactors, WhatWasNotMadeWholeCanBeThrownAway) {
  IdleWorkers idle;
  EXPECT_TRUE(ServedFactors::Make("unfinished", SampleGeneration(5000), {}, &idle).has_value());
}

}  // namespace
}  // namespace freshet::core
