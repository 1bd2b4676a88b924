// retrieval_bench: the best 100 of many vectors by inner product: Retrieval, the exact scan, and,
// where it was there at the build, hnswlib.
//
//   retrieval_bench                     clustered vectors, and vectors without structure
//   retrieval_bench --generation DIR    item_factors.npy asked by user_factors.npy
//   ... --rows N                        as many items, again and again; else 10,000, 100,000 and
//   1,000,000
//   ... --peer                          hnswlib too: minutes
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <limits>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "core/factors/best_rows.h"
#include "core/factors/exact_scan.h"
#include "core/factors/inner_product.h"
#include "core/factors/int8_blocks.h"
#include "core/factors/retrieval.h"
#include "core/factors/retrieval_search.h"
#include "tests/bench/latencies.h"
#include "tools/random.h"
#include "tools/thread_workers.h"
#ifdef FRESHET_HNSWLIB
#include "tests/bench/hnsw_peer.h"
#endif

namespace freshet::bench {
namespace {

using Clock = std::chrono::steady_clock;
using core::FactorRow;

constexpr std::size_t kCount = 100;
constexpr std::size_t kQueries = 300;
constexpr int kRounds = 3;

struct Vectors {
  std::vector<float> values;
  std::size_t dimension = 64;

  [[nodiscard]] std::size_t rows() const { return values.size() / dimension; }
  [[nodiscard]] std::span<const float> Row(std::size_t row) const {
    return std::span(values).subspan(row * dimension, dimension);
  }
};

struct Problem {
  std::string name;
  Vectors items;
  Vectors queries;
};

double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// From the normal distribution, by Box and Muller.
float Normal(tools::Random* random) {
  const double scale = std::ldexp(1.0, -53);
  const double radius = static_cast<double>((random->Next() >> 11) + 1) * scale;
  const double angle = static_cast<double>(random->Next() >> 11) * scale;
  return static_cast<float>(std::sqrt(-2 * std::log(radius)) *
                            std::cos(2 * std::numbers::pi * angle));
}

Vectors NormalVectors(std::size_t rows, tools::Random* random) {
  Vectors vectors;
  vectors.values.resize(rows * vectors.dimension);
  for (float& value : vectors.values) value = Normal(random);
  return vectors;
}

void ScaleTo(float length, std::span<float> vector) {
  float square = 0;
  for (const float value : vector) square += value * value;
  for (float& value : vector) value *= length / std::sqrt(square);
}

// Directions around the rows of `centres`, a cosine of about 0.8 from them; log-normal norms.
Vectors Clustered(std::size_t rows, const Vectors& centres, tools::Random* random) {
  constexpr float kSpread = 0.7F;
  Vectors vectors = NormalVectors(rows, random);
  for (std::size_t row = 0; row < rows; ++row) {
    const std::span<const float> centre = centres.Row(random->Below(centres.rows()));
    const std::span<float> vector(&vectors.values[row * vectors.dimension], vectors.dimension);
    for (std::size_t i = 0; i < vector.size(); ++i) vector[i] = centre[i] + kSpread * vector[i];
    ScaleTo(std::exp(0.6F * Normal(random)), vector);
  }
  return vectors;
}

Problem ClusteredProblem(std::size_t rows) {
  tools::Random random(1);
  const Vectors centres = NormalVectors(1000, &random);
  Vectors items = Clustered(rows, centres, &random);
  return {"clustered", std::move(items), Clustered(kQueries, centres, &random)};
}

Problem StructurelessProblem(std::size_t rows) {
  tools::Random random(2);
  Vectors items = NormalVectors(rows, &random);
  return {"no structure", std::move(items), NormalVectors(kQueries, &random)};
}

// Rows that are spread over a NumPy array of float32 in C order.
bool ReadRows(const std::string& path, std::size_t wanted, Vectors* vectors) {
  std::ifstream file(path, std::ios::binary);
  std::string start(10, '\0');
  if (!file.read(start.data(), static_cast<std::streamsize>(start.size()))) return false;
  std::string header(
      static_cast<unsigned char>(start[8]) + 256U * static_cast<unsigned char>(start[9]), '\0');
  file.read(header.data(), static_cast<std::streamsize>(header.size()));
  const std::size_t at = header.find("(");
  std::size_t rows = 0;
  if (!file || at == std::string::npos || header.find("<f4") == std::string::npos ||
      std::sscanf(&header[at], "(%zu, %zu)", &rows, &vectors->dimension) != 2) {
    return false;
  }
  const std::size_t count = std::min(rows, wanted);
  const std::streamoff begin = file.tellg();
  const std::size_t row_bytes = vectors->dimension * sizeof(float);
  vectors->values.resize(count * vectors->dimension);
  for (std::size_t i = 0; i < count; ++i) {
    file.seekg(begin + static_cast<std::streamoff>(i * rows / count * row_bytes));
    file.read(reinterpret_cast<char*>(&vectors->values[i * vectors->dimension]),
              static_cast<std::streamsize>(row_bytes));
  }
  return static_cast<bool>(file);
}

// What answers the i-th query.
using Answer = std::function<std::vector<std::uint32_t>(std::size_t query)>;

std::vector<std::uint32_t> RowsOf(std::span<const core::ScoredRow> scored) {
  std::vector<std::uint32_t> rows;
  for (const core::ScoredRow& each : scored) rows.push_back(each.row.value);
  return rows;
}

struct Measured {
  std::vector<double> seconds;                      // of each query, the quickest of several rounds
  std::vector<std::vector<std::uint32_t>> answers;  // sorted
};

// Asks all queries in several rounds, so that what else the machine did is seldom in the figures,
// and what a query needs from memory is no longer in the caches.
Measured Measure(std::size_t queries, const Answer& answer) {
  Measured measured;
  measured.seconds.assign(queries, std::numeric_limits<double>::infinity());
  measured.answers.resize(queries);
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < queries; ++i) {
      const auto start = Clock::now();
      std::vector<std::uint32_t> rows = answer(i);
      measured.seconds[i] = std::min(measured.seconds[i], Since(start));
      std::sort(rows.begin(), rows.end());
      measured.answers[i] = std::move(rows);
    }
  }
  return measured;
}

double Recall(const Measured& measured, const Measured& truth) {
  std::size_t common = 0;
  std::size_t all = 0;
  for (std::size_t i = 0; i < truth.answers.size(); ++i) {
    std::vector<std::uint32_t> both;
    std::set_intersection(measured.answers[i].begin(), measured.answers[i].end(),
                          truth.answers[i].begin(), truth.answers[i].end(),
                          std::back_inserter(both));
    common += both.size();
    all += truth.answers[i].size();
  }
  return static_cast<double>(common) / static_cast<double>(all);
}

void Print(const Problem& problem, const std::string& what, double build_seconds, std::size_t bytes,
           const Measured& measured, const Measured& truth) {
  Latencies latencies;
  double sum = 0;
  for (const double seconds : measured.seconds) {
    latencies.Add(seconds);
    sum += seconds;
  }
  std::printf("| %s | %zu x %zu | %s | %.2f | %.1f | %.3f | %.3f | %.3f | %.4f |\n",
              problem.name.c_str(), problem.items.rows(), problem.items.dimension, what.c_str(),
              build_seconds, static_cast<double>(bytes) / (1 << 20),
              1e3 * sum / static_cast<double>(measured.seconds.size()), latencies.Milliseconds(0.5),
              latencies.Milliseconds(0.99), Recall(measured, truth));
  std::fflush(stdout);
}

// What an inverted file saves: the codes of all items, in the order of their rows.
void RunInt8Scan(const Problem& problem, const Measured& truth) {
  const Vectors& items = problem.items;
  const auto start = Clock::now();
  core::Int8Blocks blocks(items.dimension);
  blocks.Resize((items.rows() + core::kInt8Lanes - 1) / core::kInt8Lanes);
  for (std::uint32_t row = 0; row < items.rows(); ++row) {
    blocks.Set(row, items.Row(row), FactorRow{row});
  }
  const double build_seconds = Since(start);
  core::Int8Query query;
  core::BestRows best;
  const Measured measured = Measure(problem.queries.rows(), [&](std::size_t i) {
    query.Assign(problem.queries.Row(i));
    best.Reset(kCount * 3 / 2);
    core::Int8Blocks::Scores scores;
    for (std::size_t block = 0; block < blocks.size(); ++block) {
      if (blocks.Score(block, query, best.threshold(), &scores) == 0) continue;
      for (std::size_t lane = 0; lane < core::kInt8Lanes; ++lane) {
        const FactorRow row = blocks.RowAt(block * core::kInt8Lanes + lane);
        if (row.valid()) best.Offer({scores[lane], row});
      }
    }
    std::span<core::ScoredRow> found = best.Take();
    for (core::ScoredRow& scored : found) {
      scored.score = core::InnerProduct(items.Row(scored.row.value), problem.queries.Row(i));
    }
    std::sort(found.begin(), found.end(), core::Before);
    return RowsOf(found.first(std::min(kCount, found.size())));
  });
  Print(problem, "scan of all int8 codes", build_seconds, blocks.HeapBytes(), measured, truth);
}

#ifdef FRESHET_HNSWLIB
void RunPeer(const Problem& problem, const Measured& truth) {
  using Space = HnswPeer::Space;
  for (const Space space : {Space::kInnerProduct, Space::kReducedToDistance}) {
    const auto start = Clock::now();
    HnswPeer peer(space, problem.items.values, problem.items.dimension);
    const double build_seconds = Since(start);
    for (const std::size_t breadth : {100U, 400U, 1600U}) {
      const Measured measured = Measure(problem.queries.rows(), [&](std::size_t i) {
        return peer.Find(problem.queries.Row(i), kCount, breadth);
      });
      const std::string what = space == Space::kInnerProduct ? "hnswlib, inner product, ef "
                                                             : "hnswlib, as distance, ef ";
      Print(problem, what + std::to_string(breadth), build_seconds, peer.MemoryBytes(), measured,
            truth);
    }
  }
}
#endif

void Run(const Problem& problem, bool with_peer) {
  const Vectors& items = problem.items;
  const Vectors& queries = problem.queries;
  core::ExactScan scan;
  const Measured truth = Measure(queries.rows(), [&](std::size_t i) {
    return RowsOf(scan.Find(items.values, queries.Row(i), kCount));
  });
  Print(problem, "exact scan", 0, 0, truth, truth);
  RunInt8Scan(problem, truth);

  const auto start = Clock::now();
  tools::ThreadWorkers workers(2);
  const auto retrieval = core::Retrieval::Build(items.values, items.dimension, &workers);
  const double build_seconds = Since(start);
  core::RetrievalSearch search;
  const auto ask = [&](const char* what, const core::SkipRow& skip, const Measured& expected) {
    const Measured measured = Measure(queries.rows(), [&](std::size_t i) {
      return RowsOf(search.Find(retrieval, queries.Row(i), kCount, skip));
    });
    Print(problem, what, build_seconds, retrieval.HeapBytes(), measured, expected);
  };
  ask("retrieval", {}, truth);
  const core::SkipRow nine_of_ten = [](FactorRow row) { return row.value % 10 != 0; };
  ask("retrieval, nine of ten items skipped", nine_of_ten,
      Measure(queries.rows(), [&](std::size_t i) {
        return RowsOf(scan.Find(items.values, queries.Row(i), kCount, nine_of_ten));
      }));
#ifdef FRESHET_HNSWLIB
  if (with_peer) RunPeer(problem, truth);
#else
  if (with_peer) std::fprintf(stderr, "built without hnswlib\n");
#endif
}

int Main(int argc, char** argv) {
  std::string generation;
  std::vector<std::size_t> sizes = {10'000, 100'000, 1'000'000};
  bool with_peer = false;
  CLI::App app("The best 100 of many vectors by inner product");
  app.add_option("--generation", generation, "a folder with item_factors.npy, user_factors.npy");
  app.add_option("--rows", sizes, "how many items");
  app.add_flag("--peer", with_peer, "hnswlib too: minutes");
  CLI11_PARSE(app, argc, argv);
  std::printf(
      "| vectors | items | what | build s | MiB | mean ms | median | p99 | recall@100 |\n"
      "|---|---|---|---|---|---|---|---|---|\n");
  for (const std::size_t rows : sizes) {
    if (generation.empty()) {
      Run(ClusteredProblem(rows), with_peer);
      Run(StructurelessProblem(rows), with_peer);
      continue;
    }
    Problem problem{"generation", {}, {}};
    if (!ReadRows(generation + "/item_factors.npy", rows, &problem.items) ||
        !ReadRows(generation + "/user_factors.npy", kQueries, &problem.queries)) {
      std::fprintf(stderr, "%s: no arrays of float32 with two dimensions\n", generation.c_str());
      return 1;
    }
    Run(problem, with_peer);
  }
  return 0;
}

}  // namespace
}  // namespace freshet::bench

int main(int argc, char** argv) { return freshet::bench::Main(argc, argv); }
