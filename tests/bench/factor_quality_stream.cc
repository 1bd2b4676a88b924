#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <unordered_set>

#include "core/factors/fold_in.h"
#include "tests/bench/factor_quality.h"

namespace freshet::bench {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::size_t kAnswerItems = 20;
constexpr float kLeastLiked = 4;  // ratings below count for nothing
constexpr std::size_t kIterationsADay = 2;

// One way of answering, and how often what came next was in the answer.
struct Way {
  const char* name;
  std::array<std::size_t, 2> hits = {};  // for users that the first training lacked, and had
};

// What a user has done, the oldest first; each item once.
struct History {
  std::vector<std::uint32_t> items;
  std::unordered_set<std::uint32_t> done;
};

class Model {
 public:
  Model(const QualityOptions& options, Sizes sizes, core::Workers* workers)
      : options_(options), sizes_(sizes), workers_(workers) {}

  // From the factors that there are, if there are any.
  void Train(const std::vector<core::Interaction>& pairs, std::size_t iterations) {
    auto interactions = std::make_unique<core::Interactions>(
        core::Interactions::Build(sizes_.users, sizes_.items, pairs));
    core::AlsOptions als_options = options_.als;
    const core::Objective objective = IalsObjective(options_, *interactions);
    als_options.objective = objective;
    auto als = std::make_unique<core::Als>(*interactions, als_options, workers_);
    if (als_ != nullptr) als->Resume(als_->TakeUsers(), als_->TakeItems());
    for (std::size_t i = 0; i < iterations; ++i) als->Step();
    als->SolveUsers();
    als_ = std::move(als);
    interactions_ = std::move(interactions);
    fold_in_ = std::make_unique<core::FoldIn>(als_->items(), objective,
                                              objective.user_regularization, workers_);
  }

  // Whether the item is among the best that its user has not done, by that vector.
  [[nodiscard]] bool Hits(std::span<const float> user, std::uint32_t wanted,
                          const History& history) const {
    const std::vector<float> scores = ScoresOf(user, als_->items());
    std::size_t before = 0;
    for (std::uint32_t item = 0; item < scores.size(); ++item) {
      if (scores[item] > scores[wanted] && !history.done.contains(item)) ++before;
    }
    return before < kAnswerItems && scores[wanted] > 0;
  }

  [[nodiscard]] std::span<const float> Trained(std::uint32_t user) const {
    return als_->users().Row(user);
  }
  [[nodiscard]] std::vector<float> FoldedIn(const History& history) const {
    std::vector<core::FoldInPair> pairs;
    for (std::size_t newer = 0; newer < history.items.size(); ++newer) {
      const std::uint32_t item = history.items[history.items.size() - 1 - newer];
      pairs.push_back({als_->items().Row(item).data(), options_.recency.Of(newer)});
    }
    core::FoldInScratch scratch(options_.als.dimension);
    std::vector<float> user(options_.als.dimension);
    fold_in_->Solve(pairs, &scratch, user);
    return user;
  }

 private:
  const QualityOptions& options_;
  const Sizes sizes_;
  core::Workers* workers_;
  std::unique_ptr<core::Interactions> interactions_;
  std::unique_ptr<core::Als> als_;
  std::unique_ptr<core::FoldIn> fold_in_;
};

}  // namespace

core::Status RunStream(const QualityOptions& options, core::Workers* workers) {
  auto ratings = ReadRatings(options.data);
  if (!ratings) return ratings.error();
  const Sizes sizes = SizesOf(*ratings);
  std::erase_if(*ratings, [](const Rating& rating) { return rating.value < kLeastLiked; });
  std::ranges::stable_sort(*ratings, {}, &Rating::time_s);
  if (options.validate) ratings->resize(ratings->size() * 8 / 10);
  const std::size_t cut = ratings->size() * 8 / 10;
  std::vector<History> histories(sizes.users);
  std::vector<core::Interaction> pairs;
  const auto learn = [&](const Rating& rating) {
    History& history = histories[rating.user];
    if (history.done.insert(rating.item).second) history.items.push_back(rating.item);
    pairs.push_back({rating.user, rating.item, 1});
  };
  std::for_each_n(ratings->begin(), cut, learn);
  Model frozen(options, sizes, workers);
  Model daily(options, sizes, workers);
  frozen.Train(pairs, options.iterations);
  daily.Train(pairs, options.iterations);
  std::vector<bool> known(sizes.users);
  for (std::size_t user = 0; user < sizes.users; ++user)
    known[user] = !histories[user].done.empty();
  std::array<Way, 4> ways = {{{"frozen"}, {"folded in"}, {"daily"}, {"daily and folded in"}}};
  std::array<std::size_t, 2> asked = {};
  std::int64_t day = (*ratings)[cut].time_s / kDaySeconds;
  for (std::size_t i = cut; i < ratings->size(); ++i) {
    const Rating& rating = (*ratings)[i];
    const std::int64_t today = rating.time_s / kDaySeconds;
    if (today != day) daily.Train(pairs, kIterationsADay);
    day = today;
    const History& history = histories[rating.user];
    const std::array<bool, 4> hits = {
        frozen.Hits(frozen.Trained(rating.user), rating.item, history),
        frozen.Hits(frozen.FoldedIn(history), rating.item, history),
        daily.Hits(daily.Trained(rating.user), rating.item, history),
        daily.Hits(daily.FoldedIn(history), rating.item, history)};
    const std::size_t group = known[rating.user] ? 1 : 0;
    ++asked[group];
    for (std::size_t way = 0; way < ways.size(); ++way) ways[way].hits[group] += hits[way] ? 1 : 0;
    learn(rating);
  }
  std::printf("recall@20             of all  users of the first training  others\n");
  for (const Way& way : ways) {
    const auto share = [](std::size_t hits, std::size_t of) {
      return static_cast<double>(hits) / static_cast<double>(of);
    };
    std::printf("%-20s  %.4f  %27.4f  %6.4f\n", way.name,
                share(way.hits[0] + way.hits[1], asked[0] + asked[1]), share(way.hits[1], asked[1]),
                share(way.hits[0], asked[0]));
  }
  std::printf("asked                 %zu %zu %zu\n", asked[0] + asked[1], asked[1], asked[0]);
  return {};
}

}  // namespace freshet::bench
