#include "tools/hold_out.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "tools/item_ranking.h"
#include "tools/ranking_metrics.h"

namespace freshet::tools {
namespace {

constexpr std::size_t kAnswerItems = 25;
constexpr std::size_t kMaximumUsersAsked = 10'000;

std::vector<std::size_t> UsersToAsk(const core::Interactions& train,
                                    const core::Interactions& held_out) {
  std::vector<std::size_t> users;
  for (std::size_t user = 0; user < train.rows(); ++user) {
    if (!train.Row(user).empty() && !held_out.Row(user).empty()) users.push_back(user);
  }
  if (users.size() <= kMaximumUsersAsked) return users;
  std::vector<std::size_t> some(kMaximumUsersAsked);
  for (std::size_t i = 0; i < some.size(); ++i) some[i] = users[i * users.size() / some.size()];
  return some;
}

double Coverage(const std::vector<std::vector<core::ItemId>>& answers, std::size_t items) {
  std::vector<bool> recommended(items, false);
  for (const auto& answer : answers) {
    for (const core::ItemId item : answer) recommended[item.value] = true;
  }
  return static_cast<double>(std::ranges::count(recommended, true)) / static_cast<double>(items);
}

}  // namespace

TimeSplit SplitByTime(const TrainingSet& set, double share, std::int64_t known_until_ms) {
  std::vector<std::int64_t> times;
  times.reserve(set.pairs.size());
  for (const TrainingPair& pair : set.pairs) times.push_back(pair.time_ms);
  const auto kept = static_cast<std::size_t>((1 - share) * static_cast<double>(times.size()));
  std::int64_t last = std::numeric_limits<std::int64_t>::max();
  if (kept > 0 && kept < times.size()) {
    const auto cut = times.begin() + static_cast<std::ptrdiff_t>(kept - 1);
    std::nth_element(times.begin(), cut, times.end());
    last = std::max(*cut, known_until_ms);
  }
  TimeSplit split;
  for (const TrainingPair& pair : set.pairs) {
    auto& part = pair.time_ms <= last ? split.train : split.held_out;
    part.push_back(pair);
  }
  return split;
}

std::map<std::string, double> MeasureRanking(const core::Interactions& train,
                                             const core::Interactions& held_out,
                                             const core::FactorMatrix& users,
                                             const core::FactorMatrix& items,
                                             core::Workers* workers) {
  const std::vector<std::size_t> asked = UsersToAsk(train, held_out);
  if (asked.empty()) return {};
  const ItemRanking ranking_of(items);
  std::vector<ItemRanking::Scratch> scratch(workers->count());
  std::vector<std::vector<core::ItemId>> answers(asked.size());
  workers->Run(asked.size(), [&](std::size_t worker, std::size_t i) {
    const auto best =
        ranking_of.Best(users.Row(asked[i]), train.Row(asked[i]), kAnswerItems, &scratch[worker]);
    for (const core::ScoredRow& item : best) answers[i].push_back(core::ItemId{item.row.value});
  });
  RankingMetrics ranking(kAnswerItems);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    std::vector<core::ItemId> came;
    for (const auto& pair : held_out.Row(asked[i])) came.push_back(core::ItemId{pair.column});
    ranking.Add(answers[i], came, 0);
  }
  std::map<std::string, double> metrics;
  for (std::size_t i = 0; i < RankingMetrics::kCutOffs.size(); ++i) {
    const std::string at = "_at_" + std::to_string(RankingMetrics::kCutOffs[i]);
    metrics["normalized_discounted_cumulative_gain" + at] = ranking.Ndcg(i);
    metrics["precision" + at] = ranking.Precision(i);
  }
  metrics["mean_reciprocal_rank_at_25"] = ranking.MeanReciprocalRank();
  metrics["hit_rate_at_25"] = ranking.HitRate();
  metrics["coverage"] = Coverage(answers, items.rows());
  metrics["users_asked"] = static_cast<double>(asked.size());
  return metrics;
}

std::map<std::string, double> MeasureRatings(const core::Interactions& train,
                                             const core::Interactions& held_out,
                                             const core::FactorMatrix& users,
                                             const core::FactorMatrix& items) {
  const core::Interactions by_item = train.Transposed();
  double squares = 0;
  std::size_t asked = 0;
  for (std::size_t user = 0; user < train.rows(); ++user) {
    if (train.Row(user).empty()) continue;
    const auto x = users.Row(user);
    for (const auto& pair : held_out.Row(user)) {
      if (by_item.Row(pair.column).empty()) continue;
      const auto y = items.Row(pair.column);
      const double score = std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
      const double miss = score - static_cast<double>(pair.strength);
      squares += miss * miss;
      ++asked;
    }
  }
  if (asked == 0) return {};
  return {{"rmse", std::sqrt(squares / static_cast<double>(asked))},
          {"ratings_asked", static_cast<double>(asked)}};
}

}  // namespace freshet::tools
