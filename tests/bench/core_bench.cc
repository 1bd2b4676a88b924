// What one query costs inside core, without gate, HTTP and JSON: each recipe on a warm scratch, and
// the choice of the best alone. No timing fails anything; the table is the result.
//
// The state is a worst case of the default settings: every item has its full row of 200 neighbours,
// and a visitor has 20 recent items, so user-personalization weighs 4,000 neighbours a query.
#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "core/recipes/campaign.h"
#include "core/recipes/recommend.h"
#include "core/state.h"

namespace freshet::core {
namespace {

constexpr std::uint64_t kItems = 40'000;
constexpr int kVisitors = 1000;

std::string ItemName(std::uint64_t item) { return "item-" + std::to_string(item); }
std::string VisitorName(std::uint64_t user) { return "visitor-" + std::to_string(user); }

class Teacher {
 public:
  explicit Teacher(State* state) : state_(state) {}

  void Touch(const std::string& user, std::uint64_t item) {
    Event event;
    event.user_id = user;
    event.item_id = ItemName(item);
    event.event_type = "view";
    event.time_ms = now_ms_ += 100;
    state_->Apply({.position = {0, offset_++}, .received_ms = now_ms_, .entry = std::move(event)});
  }

 private:
  State* state_;
  std::int64_t now_ms_ = 1'600'000'000'000;
  std::uint64_t offset_ = 0;
};

// Baskets of 60 items drawn from overlapping neighbourhoods of 400: rows fill up to their cap with
// neighbours that lie anywhere in the catalogue's order.
std::unique_ptr<State> TeachShop() {
  auto state = std::make_unique<State>(Settings{});
  Teacher teacher(state.get());
  std::mt19937_64 random(1);
  const auto scatter = [](std::uint64_t place) { return place * 26'813 % kItems; };
  for (std::uint64_t basket = 0; basket < 10 * kItems / 60; ++basket) {
    const std::uint64_t start = random() % kItems;
    const std::string user = "shopper-" + std::to_string(basket);
    for (int i = 0; i < 60; ++i) teacher.Touch(user, scatter((start + random() % 400) % kItems));
  }
  for (int visitor = 0; visitor < kVisitors; ++visitor) {
    const std::uint64_t start = random() % kItems;
    for (int i = 0; i < 20; ++i) {
      teacher.Touch(VisitorName(static_cast<std::uint64_t>(visitor)),
                    scatter((start + random() % 400) % kItems));
    }
  }
  return state;
}

const State& Shop() {
  static const std::unique_ptr<State> state = TeachShop();
  return *state;
}

void BM_Recommend(benchmark::State& bench, RecipeKind recipe, Measure measure, double discount) {
  const State& state = Shop();
  const Campaign campaign(
      {.name = "bench", .recipe = recipe, .measure = measure, .popularity_discount = discount});
  std::vector<std::string> users;
  std::vector<std::string> items;
  for (std::uint64_t i = 0; i < std::uint64_t{kVisitors}; ++i) {
    users.push_back(VisitorName(i));
    items.push_back(ItemName(i * 37 % kItems));
  }
  QueryScratch scratch;
  std::size_t turn = 0;
  std::size_t candidates = 0;
  for (auto _ : bench) {
    const Query query{
        .visitor = {users[turn], {}},
        .item = recipe == RecipeKind::kSimilarItems ? items[turn] : std::string_view(),
        .count = static_cast<std::size_t>(bench.range(0))};
    Recommend(state, campaign.recipe(), query, &scratch);
    benchmark::DoNotOptimize(scratch.answer.data());
    candidates += scratch.room.candidates.all().size();
    turn = (turn + 1) % static_cast<std::size_t>(bench.range(1));
  }
  bench.counters["candidates"] =
      benchmark::Counter(static_cast<double>(candidates), benchmark::Counter::kAvgIterations);
}

void BM_Rank(benchmark::State& bench) {
  const State& state = Shop();
  const Campaign campaign({.name = "bench", .recipe = RecipeKind::kPersonalizedRanking});
  std::vector<std::string> ids;
  for (std::int64_t i = 0; i < bench.range(0); ++i) {
    ids.push_back(ItemName(static_cast<std::uint64_t>(i) * 79 % (kItems + 100)));
  }
  QueryScratch scratch;
  std::uint64_t turn = 0;
  for (auto _ : bench) {
    const std::string user = VisitorName(turn++ % kVisitors);
    Rank(state, campaign.recipe(), {.visitor = {user, {}}, .rank = ids}, &scratch);
    benchmark::DoNotOptimize(scratch.answer.data());
  }
}

void BM_BestCandidates(benchmark::State& bench) {
  std::mt19937_64 random(2);
  std::vector<Candidate> all(4000);
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    all[i].item = ItemId{i};
    all[i].score = static_cast<double>(random() % 1'000'000);
  }
  BestCandidates best;
  for (auto _ : bench) {
    best.Reset(static_cast<std::size_t>(bench.range(0)));
    for (const Candidate& candidate : all) best.Offer(candidate);
    benchmark::DoNotOptimize(best.Take().data());
  }
}

void RegisterRecipes() {
  constexpr std::array<Measure, 5> kMeasures = {Measure::kCosine, Measure::kJaccard,
                                                Measure::kLogLikelihood, Measure::kLift,
                                                Measure::kConfidence};
  for (const RecipeKind recipe : {RecipeKind::kSimilarItems, RecipeKind::kUserPersonalization}) {
    const std::string name(RecipeKindName(recipe));
    for (const Measure measure : kMeasures) {
      const std::string full = name + "/" + std::string(MeasureName(measure));
      benchmark::RegisterBenchmark(full.c_str(), BM_Recommend, recipe, measure, 0.0)
          ->Args({25, kVisitors})
          ->Unit(benchmark::kMicrosecond);
    }
    benchmark::RegisterBenchmark((name + "/cosine/discount").c_str(), BM_Recommend, recipe,
                                 Measure::kCosine, 0.3)
        ->Args({25, kVisitors})
        ->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark((name + "/cosine").c_str(), BM_Recommend, recipe, Measure::kCosine,
                                 0.0)
        ->Args({25, 1})
        ->Args({500, kVisitors})
        ->Unit(benchmark::kMicrosecond);
  }
  for (const RecipeKind recipe : {RecipeKind::kPopularityCount, RecipeKind::kTrendingNow}) {
    benchmark::RegisterBenchmark(std::string(RecipeKindName(recipe)).c_str(), BM_Recommend, recipe,
                                 Measure::kCosine, 0.0)
        ->Args({25, kVisitors})
        ->Unit(benchmark::kMicrosecond);
  }
  benchmark::RegisterBenchmark("personalized-ranking", BM_Rank)
      ->Arg(25)
      ->Arg(500)
      ->Unit(benchmark::kMicrosecond);
  benchmark::RegisterBenchmark("best of 4000", BM_BestCandidates)
      ->Arg(25)
      ->Arg(500)
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace
}  // namespace freshet::core

int main(int argc, char** argv) {
  freshet::core::RegisterRecipes();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
