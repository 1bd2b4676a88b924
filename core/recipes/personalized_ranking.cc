#include "core/recipes/personalized_ranking.h"

#include <cmath>
#include <string>

#include "core/recipes/recent_items.h"

namespace freshet::core {

namespace {

constexpr double kPrior = 0.01;
constexpr std::size_t kFactorItems = 10;  // what a user is folded in from, newest first

}  // namespace

void PersonalizedRanking::Propose(const State& state, const Query& query, Workspace* room) const {
  Candidates& out = room->candidates;
  for (const std::string& name : query.rank) {
    const ItemId item = state.catalog().Find(name);
    if (!item.valid() || out.Find(item) != nullptr) continue;
    const double demand = state.popularity().Demand(item, state.clock_ms());
    const auto users = static_cast<float>(state.popularity().Users(item));
    out.Add(item, Feature::kPopularity, static_cast<float>(demand));
    out.Find(item)->Set(Feature::kUsers, users);
  }
  room->factors.Clear();
  if (out.all().empty()) return;
  if (factors_weight_ > 0 && room->factors.TakeVisitor(state, query, kFactorItems)) {
    room->factors.WeighOthers(&out);
  }
  const Cooccurrence* table = strength_.Table(state);
  if (table == nullptr) return;
  const RecentItems recent(state, query.visitor, recent_items_);
  strength_.ForEachOfRecent(
      *table, recent, [&](ItemId other) { out.Prefetch(other); },
      [&](ItemId other, double strength, ItemId because) {
        Candidate* candidate = out.Find(other);
        if (candidate == nullptr) return;
        candidate->Add(Feature::kCooccurrence, static_cast<float>(strength));
        candidate->Argue(static_cast<float>(strength), because);
      });
}

void PersonalizedRanking::Score(const State& /*state*/, Workspace* room) const {
  const double factors_weight = room->factors.empty() ? 0 : factors_weight_ * room->factors.trust();
  for (Candidate& candidate : room->candidates.all()) {
    const auto demand = static_cast<double>(candidate.Value(Feature::kPopularity));
    const auto users = static_cast<double>(candidate.Value(Feature::kUsers));
    candidate.score = static_cast<double>(candidate.Value(Feature::kCooccurrence)) +
                      factors_weight * static_cast<double>(FactorsTerm(candidate)) +
                      kPrior * (1.0 + std::log1p(demand) + std::log1p(users));
  }
}

}  // namespace freshet::core
