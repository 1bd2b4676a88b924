#include "core/blend.h"

#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "core/bytes.h"

namespace freshet::core {
namespace {

BlendVector Towards(BlendInput input, float gradient) {
  BlendVector vector{};
  vector[static_cast<std::size_t>(input)] = gradient;
  return vector;
}

float WeightOf(const Blend& blend, BlendInput input) {
  return blend.weights()[static_cast<std::size_t>(input)];
}

TEST(Blend, EveryInputHasANameOfItsOwn) {
  for (std::size_t i = 0; i < kBlendInputCount; ++i) {
    const auto input = static_cast<BlendInput>(i);
    EXPECT_EQ(ParseBlendInput(BlendInputName(input)), input);
  }
  EXPECT_FALSE(ParseBlendInput("magic"));
}

float LastWeightOf(const Blend& blend, BlendInput input) {
  return blend.last_weights()[static_cast<std::size_t>(input)];
}

TEST(Blend, GoesUpTheGradientInStepsThatShrink) {
  Blend blend;
  const float untouched = WeightOf(blend, BlendInput::kSession);
  float before = LastWeightOf(blend, BlendInput::kDemand);
  float last_step = 1;
  for (int lesson = 0; lesson < 10; ++lesson) {
    blend.Learn(Towards(BlendInput::kDemand, 2));
    const float step = LastWeightOf(blend, BlendInput::kDemand) - before;
    EXPECT_GT(step, 0);
    EXPECT_LT(step, last_step);
    before = LastWeightOf(blend, BlendInput::kDemand);
    last_step = step;
  }
  blend.Learn(Towards(BlendInput::kDemand, -2));
  EXPECT_LT(LastWeightOf(blend, BlendInput::kDemand), before);
  EXPECT_EQ(LastWeightOf(blend, BlendInput::kSession), untouched);
  EXPECT_EQ(WeightOf(blend, BlendInput::kSession), untouched);
  EXPECT_EQ(blend.lessons(), 11U);
}

TEST(Blend, MixesByTheMeanOfItsLessonsOfTheLaterOnesMore) {
  Blend blend;
  double sum = 0;
  double shares = 0;
  for (int lesson = 1; lesson <= 50; ++lesson) {
    blend.Learn(Towards(BlendInput::kDemand, lesson % 3 == 0 ? -2.0F : 1.5F));
    const double share = (lesson + 1.0) * (lesson + 2.0) * (lesson + 3.0);
    sum += share * double{LastWeightOf(blend, BlendInput::kDemand)};
    shares += share;
  }
  // Day one's weights are lesson 0.
  const double day_one = WeightOf(Blend(), BlendInput::kDemand);
  EXPECT_NEAR(WeightOf(blend, BlendInput::kDemand), (sum + 6 * day_one) / (shares + 6), 1e-4);
}

TEST(Blend, TellsApartInputsThatSayNearlyTheSame) {
  Blend blend;
  BlendVector alike{};
  BlendVector apart{};
  const auto first = static_cast<std::size_t>(BlendInput::kSession);
  const auto second = static_cast<std::size_t>(BlendInput::kSessionAny);
  alike[first] = alike[second] = 3;
  apart[first] = 0.1F;
  apart[second] = -0.1F;
  for (int lesson = 0; lesson < 300; ++lesson) {
    alike[first] = alike[second] = -alike[first];
    blend.Learn(alike);
    blend.Learn(apart);
  }
  // What both say goes up and down; the little in which they differ is learned all the same.
  const BlendVector day_one = Blend().last_weights();
  EXPECT_GT(blend.last_weights()[first] - day_one[first], 0.5F);
  EXPECT_LT(blend.last_weights()[second] - day_one[second], -0.5F);
}

TEST(Blend, TheMeanForgetsWhatIsLongAgo) {
  Blend blend;
  for (int lesson = 0; lesson < 20'000; ++lesson) blend.Learn(Towards(BlendInput::kDemand, 1));
  const float risen = WeightOf(blend, BlendInput::kDemand);
  for (int lesson = 0; lesson < 10'000; ++lesson) blend.Learn(Towards(BlendInput::kDemand, -4));
  const float last = LastWeightOf(blend, BlendInput::kDemand);
  const float way = (risen - WeightOf(blend, BlendInput::kDemand)) / (risen - last);
  EXPECT_GT(way, 0.8F);
}

TEST(Blend, GoesOnAfterBeingStoredAsIfItHadNotBeen) {
  Blend blend;
  BlendVector gradient = Towards(BlendInput::kIdle, 3);
  gradient[static_cast<std::size_t>(BlendInput::kUsers)] = -0.7F;
  blend.Learn(gradient);
  std::string bytes;
  blend.Encode(&bytes);
  Blend loaded;
  ASSERT_TRUE(loaded.Decode(bytes));
  blend.Learn(Towards(BlendInput::kIdle, -1));
  loaded.Learn(Towards(BlendInput::kIdle, -1));
  EXPECT_EQ(loaded.weights(), blend.weights());
  EXPECT_EQ(loaded.last_weights(), blend.last_weights());
  EXPECT_EQ(loaded.lessons(), blend.lessons());
}

TEST(Blend, PassesOverInputsOfOtherReleases) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.Number(std::uint8_t{3});
  writer.Number(std::uint64_t{7});
  writer.Varint(2);
  for (const std::string_view name : {"moon_phase", "demand"}) {
    writer.String(name);
    writer.Number(4.0F);
    writer.Number(3.0F);
    if (name == "demand") writer.Number(0.5);  // with the one before
    writer.Number(9.0);
  }
  Blend blend;
  ASSERT_TRUE(blend.Decode(bytes));
  EXPECT_EQ(WeightOf(blend, BlendInput::kDemand), 4.0F);
  EXPECT_EQ(LastWeightOf(blend, BlendInput::kDemand), 3.0F);
  EXPECT_EQ(WeightOf(blend, BlendInput::kSession), WeightOf(Blend(), BlendInput::kSession));
  EXPECT_EQ(blend.lessons(), 7U);
}

TEST(Blend, RefusesWhatIsNoBlend) {
  std::string bytes;
  Blend().Encode(&bytes);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    EXPECT_FALSE(Blend().Decode(bytes.substr(0, cut))) << cut;
  }
  EXPECT_FALSE(Blend().Decode(bytes + "x"));
  std::string poisoned;
  ByteWriter writer(&poisoned);
  writer.Number(std::uint8_t{3});
  writer.Number(std::uint64_t{1});
  writer.Varint(1);
  writer.String("demand");
  writer.Number(1.0F);
  writer.Number(std::nanf(""));
  writer.Number(1.0);
  EXPECT_FALSE(Blend().Decode(poisoned));
}

TEST(Blends, ACampaignThatLearnedNothingHasDayOnesWeights) {
  Blends blends;
  blends.Learn("mine", Towards(BlendInput::kDemand, 1));
  EXPECT_EQ(blends.Of("other").weights(), Blend().weights());
  EXPECT_NE(blends.Of("mine").weights(), Blend().weights());
}

TEST(Blends, StoresWhatChangedAndLoadsIt) {
  Blends blends;
  blends.Learn("mine", Towards(BlendInput::kDemand, 1));
  RowBatch rows;
  TakeAllRows(&blends, &rows);
  ASSERT_EQ(rows.size(), 1U);
  Blends loaded;
  rows.ForEach([&](const RowBatch::Row& row) {
    EXPECT_TRUE(loaded.LoadRow(row.key, row.value).ok());
    EXPECT_FALSE(loaded.LoadRow(row.key, row.value.substr(1)).ok());
  });
  EXPECT_EQ(loaded.Of("mine").weights(), blends.Of("mine").weights());
  rows.Clear();
  TakeAllRows(&blends, &rows);
  EXPECT_EQ(rows.size(), 0U);
}

}  // namespace
}  // namespace freshet::core
