#include "core/factors/int8_blocks.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/factors/inner_product.h"

namespace freshet::core {
namespace {

using testing::Each;
using testing::FloatNear;

constexpr float kLowest = -std::numeric_limits<float>::infinity();

std::vector<float> RandomVector(std::size_t dimension, std::mt19937* random) {
  std::vector<float> vector(dimension);
  for (float& number : vector) number = static_cast<float>((*random)() % 2001) / 1000 - 1;
  return vector;
}

class Int8BlocksTest : public testing::TestWithParam<std::size_t> {
 protected:
  Int8BlocksTest() : blocks_(GetParam()) {
    blocks_.Resize(1);
    for (std::uint32_t lane = 0; lane < kInt8Lanes; ++lane) {
      vectors_.push_back(RandomVector(GetParam(), &random_));
      blocks_.Set(lane, vectors_.back(), FactorRow{lane + 100});
    }
  }

  std::mt19937 random_{7};
  std::vector<std::vector<float>> vectors_;
  Int8Blocks blocks_;
};

INSTANTIATE_TEST_SUITE_P(Dimensions, Int8BlocksTest, testing::Values(1, 3, 8, 20, 64, 100, 256));

TEST_P(Int8BlocksTest, ProductsAreWithinAHundredthOfTheNorms) {
  const std::vector<float> vector = RandomVector(GetParam(), &random_);
  Int8Query query;
  query.Assign(vector);
  Int8Blocks::Scores scores;
  EXPECT_EQ(blocks_.Score(0, query, kLowest, &scores), 0xFFU);
  for (std::size_t lane = 0; lane < kInt8Lanes; ++lane) {
    EXPECT_NEAR(scores[lane], InnerProduct(vectors_[lane], vector),
                0.01 * Norm(vectors_[lane]) * Norm(vector))
        << lane;
  }
}

TEST_P(Int8BlocksTest, ABitSaysThatTheThresholdIsReached) {
  Int8Query query;
  query.Assign(RandomVector(GetParam(), &random_));
  Int8Blocks::Scores scores;
  blocks_.Score(0, query, kLowest, &scores);
  const float threshold = scores[5];
  const std::uint32_t reached = blocks_.Score(0, query, threshold, &scores);
  for (std::size_t lane = 0; lane < kInt8Lanes; ++lane) {
    EXPECT_EQ((reached >> lane & 1U) != 0, scores[lane] >= threshold) << lane;
  }
}

TEST_P(Int8BlocksTest, EveryProcessorGetsTheSameNumbers) {
  // The extremes of both codes, where sixteen bits are nearest to overflowing, and chance.
  const std::vector<float> high(GetParam(), 1.0F);
  const std::vector<float> low(GetParam(), -1.0F);
  blocks_.Set(0, high, FactorRow{1});
  blocks_.Set(1, low, FactorRow{2});
  const std::size_t lines = (GetParam() + 7) / 8;
  std::vector<std::uint8_t> block(lines * 64 + 64);
  for (std::uint8_t& code : std::span(block).first(lines * 64)) {
    code = static_cast<std::uint8_t>(1 + random_() % 255);
  }
  std::vector<float> scales(kInt8Lanes, 0.37F);
  std::memcpy(&block[lines * 64], scales.data(), kInt8Lanes * sizeof(float));
  for (const std::vector<float>& vector : {high, low, RandomVector(GetParam(), &random_)}) {
    Int8Query query;
    query.Assign(vector);
    Int8Blocks::Scores best;
    Int8Blocks::Scores portable;
    EXPECT_EQ(BestInt8Kernel()(block.data(), query, 0.5F, best.data()),
              PortableInt8Kernel(block.data(), query, 0.5F, portable.data()));
    EXPECT_EQ(best, portable);
    blocks_.Score(0, query, kLowest, &best);
    EXPECT_NEAR(best[0], InnerProduct(high, vector), 0.01F * Norm(high) * Norm(vector));
    EXPECT_NEAR(best[1], InnerProduct(low, vector), 0.01F * Norm(high) * Norm(vector));
  }
}

TEST_P(Int8BlocksTest, ZeroVectorsAndQueriesGiveZero) {
  const std::vector<float> zeros(GetParam());
  const std::vector<float> some = RandomVector(GetParam(), &random_);
  Int8Blocks::Scores scores;
  Int8Query query;
  query.Assign(zeros);
  blocks_.Score(0, query, kLowest, &scores);
  EXPECT_THAT(scores, Each(0.0F));
  for (std::size_t lane = 0; lane < kInt8Lanes; ++lane) blocks_.Set(lane, zeros, FactorRow{});
  query.Assign(some);
  blocks_.Score(0, query, kLowest, &scores);
  EXPECT_THAT(scores, Each(0.0F));
}

TEST_P(Int8BlocksTest, NumbersNearTheLeastOfAllAreZeroes) {
  const std::vector<float> tiny(GetParam(), std::numeric_limits<float>::denorm_min() * 94);
  blocks_.Set(0, tiny, FactorRow{});
  Int8Query query;
  query.Assign(tiny);
  Int8Blocks::Scores scores;
  blocks_.Score(0, query, kLowest, &scores);
  EXPECT_THAT(scores, Each(FloatNear(0, 1e-30F)));
}

TEST_P(Int8BlocksTest, RowsStayWithTheirPlaces) {
  blocks_.Resize(3);
  for (std::uint32_t lane = 0; lane < kInt8Lanes; ++lane) {
    EXPECT_EQ(blocks_.RowAt(lane), FactorRow{lane + 100});
    EXPECT_FALSE(blocks_.RowAt(2 * kInt8Lanes + lane).valid());
  }
  blocks_.Clear(3);
  EXPECT_FALSE(blocks_.RowAt(3).valid());
  EXPECT_EQ(blocks_.RowAt(4), FactorRow{104});
}

}  // namespace
}  // namespace freshet::core
