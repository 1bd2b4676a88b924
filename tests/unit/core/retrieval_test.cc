#include "core/factors/retrieval.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/factors/exact_scan.h"
#include "core/factors/inner_product.h"
#include "core/factors/retrieval_search.h"

namespace freshet::core {
namespace {

using testing::ElementsAreArray;
using testing::IsEmpty;

struct Vectors {
  std::size_t dimension = 0;
  std::vector<float> values;

  [[nodiscard]] std::size_t rows() const { return values.size() / dimension; }
  [[nodiscard]] std::span<const float> Row(std::size_t row) const {
    return std::span(values).subspan(row * dimension, dimension);
  }
};

// Sums of evenly distributed numbers: near enough to normal, and the same with every library.
float Normal(std::mt19937* random) {
  float sum = 0;
  for (int i = 0; i < 12; ++i) sum += static_cast<float>((*random)() >> 8) / (1U << 24);
  return sum - 6;
}

// Directions around `clusters` centres, norms exp(sigma * normal).
Vectors Clustered(std::size_t rows, std::size_t dimension, std::size_t clusters, float sigma,
                  std::uint32_t seed, float spread = 0.7F) {
  std::mt19937 centre_random(99);
  std::vector<float> centres(clusters * dimension);
  for (float& number : centres) number = Normal(&centre_random);
  std::mt19937 random(seed);
  Vectors vectors{dimension, std::vector<float>(rows * dimension)};
  for (std::size_t row = 0; row < rows; ++row) {
    const float* centre = &centres[random() % clusters * dimension];
    const float norm = std::exp(sigma * Normal(&random));
    for (std::size_t i = 0; i < dimension; ++i) {
      vectors.values[row * dimension + i] = norm * (centre[i] + spread * Normal(&random));
    }
  }
  return vectors;
}

// As factors often are: each dimension weighs less than the one before, and all have a part in
// common.
Vectors Decaying(std::size_t rows, std::size_t dimension, std::uint32_t seed) {
  Vectors vectors = Clustered(rows, dimension, 1, 0.4F, seed);
  for (std::size_t i = 0; i < vectors.values.size(); ++i) {
    vectors.values[i] /= 1.0F + static_cast<float>(i % dimension);
    if (i % dimension == 0) vectors.values[i] += 2;
  }
  return vectors;
}

std::vector<ScoredRow> Exact(const Vectors& items, std::span<const float> query, std::size_t count,
                             const SkipRow& skip = {}) {
  ExactScan scan;
  const std::span<const ScoredRow> found = scan.Find(items.values, query, count, skip);
  return {found.begin(), found.end()};
}

std::vector<ScoredRow> Find(const Retrieval& retrieval, std::span<const float> query,
                            std::size_t count, const SkipRow& skip = {}) {
  RetrievalSearch search;
  const std::span<const ScoredRow> found = search.Find(retrieval, query, count, skip);
  return {found.begin(), found.end()};
}

double Recall(const Vectors& items, const Vectors& queries, std::size_t count,
              const SkipRow& skip = {}) {
  const Retrieval retrieval = Retrieval::Build(items.values, items.dimension);
  std::size_t common = 0;
  std::size_t all = 0;
  for (std::size_t i = 0; i < queries.rows(); ++i) {
    const auto exact = Exact(items, queries.Row(i), count, skip);
    for (const ScoredRow& scored : Find(retrieval, queries.Row(i), count, skip)) {
      common += static_cast<std::size_t>(std::count(exact.begin(), exact.end(), scored));
    }
    all += exact.size();
  }
  return static_cast<double>(common) / static_cast<double>(all);
}

TEST(ExactScan, FindsWhatSortingFinds) {
  const Vectors items = Clustered(500, 13, 5, 0.5F, 1);
  const Vectors queries = Clustered(3, 13, 5, 0.5F, 2);
  for (std::size_t i = 0; i < queries.rows(); ++i) {
    std::vector<ScoredRow> all;
    for (std::uint32_t row = 0; row < items.rows(); ++row) {
      all.push_back({InnerProduct(items.Row(row), queries.Row(i)), FactorRow{row}});
    }
    std::sort(all.begin(), all.end(), Before);
    EXPECT_EQ(Exact(items, queries.Row(i), 1000), all);
    all.resize(20);
    EXPECT_EQ(Exact(items, queries.Row(i), 20), all);
  }
}

TEST(InnerProduct, IsTheSumOfProducts) {
  std::mt19937 random(3);
  for (std::size_t dimension = 0; dimension < 70; ++dimension) {
    std::vector<float> a(dimension);
    std::vector<float> b(dimension);
    double sum = 0;
    for (std::size_t i = 0; i < dimension; ++i) {
      a[i] = Normal(&random);
      b[i] = Normal(&random);
      sum += static_cast<double>(a[i]) * b[i];
    }
    EXPECT_NEAR(InnerProduct(a, b), sum, 1e-4) << dimension;
  }
}

TEST(Retrieval, FindsTheBestOfClusteredVectors) {
  for (const std::size_t dimension : {16U, 50U, 64U, 100U}) {
    for (const float sigma : {0.0F, 0.6F, 1.5F}) {
      SCOPED_TRACE(std::to_string(dimension) + " dimensions, norms by " + std::to_string(sigma));
      const Vectors items = Clustered(5000, dimension, 40, sigma, 1);
      EXPECT_GE(Recall(items, Clustered(20, dimension, 40, 0, 2), 50), 0.98);
    }
  }
}

TEST(Retrieval, FindsTheBestWhereThereIsNoStructure) {
  for (const std::size_t dimension : {1U, 2U, 8U, 64U}) {
    SCOPED_TRACE(dimension);
    const Vectors items = Clustered(3000, dimension, 1, 0.3F, 4);
    EXPECT_GE(Recall(items, Clustered(20, dimension, 2000, 0, 5), 50), 0.98);
  }
}

TEST(Retrieval, FindsTheBestWhereDimensionsWeighLessAndLess) {
  for (const std::size_t dimension : {10U, 64U, 192U}) {
    SCOPED_TRACE(dimension);
    EXPECT_GE(Recall(Decaying(5000, dimension, 6), Decaying(20, dimension, 7), 50), 0.98);
  }
}

TEST(Retrieval, FindsTheBestOfManyCopies) {
  const Vectors items = Clustered(5000, 64, 60, 0, 8, 0);
  EXPECT_GE(Recall(items, Clustered(60, 64, 60, 0, 9, 0.3F), 50), 0.98);
  EXPECT_GE(Recall(items, Clustered(60, 64, 5000, 0, 10), 200), 0.98);
}

TEST(Retrieval, SkippedRowsMakeRoomForTheNextBest) {
  const Vectors items = Clustered(5000, 32, 40, 0.6F, 1);
  const Vectors queries = Clustered(20, 32, 40, 0, 2);
  for (const std::uint32_t every : {2U, 10U, 500U}) {
    const SkipRow skip = [every](FactorRow row) { return row.value % every != 0; };
    EXPECT_GE(Recall(items, queries, 50, skip), 0.98) << every;
    const Retrieval retrieval = Retrieval::Build(items.values, items.dimension);
    const auto found = Find(retrieval, queries.Row(0), 50, skip);
    EXPECT_EQ(found.size(), std::min<std::size_t>(50, items.rows() / every));
    for (const ScoredRow& scored : found) EXPECT_EQ(scored.row.value % every, 0U);
  }
}

// However much of a large catalogue has to be read for it: no search gives up early.
TEST(Retrieval, FindsTheBestOfALargeCatalogueWhereMostIsSkipped) {
  const Vectors items = Clustered(120'000, 16, 1, 0.3F, 4);
  const Vectors queries = Clustered(5, 16, 2000, 0, 5);
  EXPECT_GE(Recall(items, queries, 100), 0.98);
  EXPECT_GE(Recall(items, queries, 100, [](FactorRow row) { return row.value % 10 != 0; }), 0.98);
}

TEST(Retrieval, NothingIsLeftWhenAllIsSkipped) {
  const Vectors items = Clustered(100, 8, 4, 0.6F, 1);
  const Retrieval retrieval = Retrieval::Build(items.values, items.dimension);
  EXPECT_THAT(Find(retrieval, items.Row(0), 10, [](FactorRow) { return true; }), IsEmpty());
}

TEST(Retrieval, MoreThanThereAreGivesAll) {
  for (const std::size_t rows : {1U, 2U, 7U, 8U, 9U, 300U}) {
    const Vectors items = Clustered(rows, 12, 3, 0.6F, 1);
    const Retrieval retrieval = Retrieval::Build(items.values, items.dimension);
    const std::vector<float> query(12, -1.0F);
    EXPECT_EQ(Find(retrieval, query, 1000), Exact(items, query, 1000)) << rows;
  }
}

TEST(Retrieval, AnEmptyOneFindsNothing) {
  const Retrieval retrieval = Retrieval::Build({}, 8);
  const std::vector<float> query(8, 1.0F);
  EXPECT_THAT(Find(retrieval, query, 10), IsEmpty());
}

TEST(Retrieval, EqualVectorsComeInOrderOfTheirRows) {
  Vectors items{10, {}};
  for (int row = 0; row < 2000; ++row) {
    for (int i = 0; i < 10; ++i) items.values.push_back(static_cast<float>(i % 3) - 0.5F);
  }
  const Retrieval retrieval = Retrieval::Build(items.values, items.dimension);
  for (const float sign : {1.0F, -1.0F}) {
    std::vector<float> query(items.Row(0).begin(), items.Row(0).end());
    for (float& number : query) number *= sign;
    EXPECT_EQ(Find(retrieval, query, 30), Exact(items, query, 30)) << sign;
  }
}

TEST(Retrieval, ZeroVectorsCountAsZero) {
  Vectors items = Clustered(400, 16, 4, 0.3F, 1);
  std::fill(items.values.end() - 100 * 16, items.values.end(), 0.0F);
  const Retrieval retrieval = Retrieval::Build(items.values, items.dimension);
  const Vectors query = Clustered(1, 16, 4, 0.3F, 2);
  EXPECT_EQ(Find(retrieval, query.Row(0), 400), Exact(items, query.Row(0), 400));

  const std::vector<float> zero(16);
  EXPECT_EQ(Find(retrieval, zero, 30), Exact(items, zero, 30));

  std::fill(items.values.begin(), items.values.end(), 0.0F);
  const Retrieval zeros = Retrieval::Build(items.values, items.dimension);
  EXPECT_EQ(Find(zeros, query.Row(0), 30), Exact(items, query.Row(0), 30));
}

TEST(Retrieval, ScoresAreExact) {
  const Vectors items = Clustered(1000, 20, 10, 0.6F, 1);
  const Retrieval retrieval = Retrieval::Build(items.values, items.dimension);
  for (const ScoredRow& scored : Find(retrieval, items.Row(5), 40)) {
    EXPECT_EQ(scored.score, InnerProduct(items.Row(scored.row.value), items.Row(5)));
  }
}

// Tasks in the opposite order, on three threads.
class BackwardThreads final : public Workers {
 public:
  [[nodiscard]] std::size_t count() const override { return 3; }
  void Run(std::size_t tasks, const Task& task) override {
    std::vector<std::jthread> threads;
    for (std::size_t worker = 0; worker < count(); ++worker) {
      threads.emplace_back([&task, tasks, worker] {
        for (std::size_t i = worker; i < tasks; i += 3) task(worker, tasks - 1 - i);
      });
    }
  }
};

TEST(Retrieval, IsTheSameWhateverTheWorkers) {
  const Vectors items = Clustered(20000, 24, 50, 0.6F, 1);
  const Retrieval in_turn = Retrieval::Build(items.values, items.dimension);
  BackwardThreads threads;
  const Retrieval beside = Retrieval::Build(items.values, items.dimension, &threads);
  EXPECT_EQ(in_turn.HeapBytes(), beside.HeapBytes());
  for (std::size_t row = 0; row < 50; ++row) {
    EXPECT_EQ(Find(in_turn, items.Row(row), 60), Find(beside, items.Row(row), 60));
  }
}

TEST(Retrieval, OtherVectorsAreSearchedToo) {
  const Vectors items = Clustered(2000, 24, 10, 0.6F, 1);
  const Vectors others = Clustered(500, 24, 10, 1.0F, 2);
  const Vectors queries = Clustered(5, 24, 10, 0, 3);
  const Retrieval retrieval = Retrieval::Build(items.values, items.dimension);
  Vectors all = items;
  all.values.insert(all.values.end(), others.values.begin(), others.values.end());
  const auto find = [&](std::span<const float> query, std::size_t count, const SkipRow& skip = {}) {
    RetrievalSearch search;
    const auto found = search.Find(retrieval, query, count, skip, others.values);
    return std::vector<ScoredRow>(found.begin(), found.end());
  };
  for (std::size_t i = 0; i < queries.rows(); ++i) {
    EXPECT_EQ(find(queries.Row(i), 30), Exact(all, queries.Row(i), 30));
    EXPECT_EQ(find(others.Row(i), all.rows()), Exact(all, others.Row(i), all.rows()));
    const auto is_odd = [](FactorRow row) { return row.value % 2 == 1; };
    EXPECT_EQ(find(queries.Row(i), 30, is_odd), Exact(all, queries.Row(i), 30, is_odd));
  }
}

TEST(Retrieval, OtherVectorsAreFoundBesideNothing) {
  const Retrieval retrieval = Retrieval::Build({}, 12);
  const Vectors items = Clustered(100, 12, 10, 0.6F, 1);
  RetrievalSearch search;
  EXPECT_THAT(search.Find(retrieval, items.Row(0), 20, {}, items.values),
              ElementsAreArray(Exact(items, items.Row(0), 20)));
}

TEST(Retrieval, ASearchIsUsedAgainForOtherRetrievals) {
  const Vectors large = Clustered(3000, 24, 10, 0.6F, 1);
  const Vectors small = Clustered(30, 12, 10, 0.6F, 2);
  const Retrieval of_large = Retrieval::Build(large.values, large.dimension);
  const Retrieval of_small = Retrieval::Build(small.values, small.dimension);
  RetrievalSearch search;
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(search.Find(of_large, large.Row(1), 10),
                ElementsAreArray(Exact(large, large.Row(1), 10)));
    EXPECT_THAT(search.Find(of_small, small.Row(1), 10),
                ElementsAreArray(Exact(small, small.Row(1), 10)));
  }
}

TEST(Retrieval, TakesAQuarterOfTheVectorsAndAFewBytesARow) {
  const Vectors items = Clustered(20000, 64, 50, 0.6F, 1);
  const Retrieval retrieval = Retrieval::Build(items.values, items.dimension);
  EXPECT_LT(retrieval.HeapBytes(), items.rows() * (64 + 18));
}

}  // namespace
}  // namespace freshet::core
