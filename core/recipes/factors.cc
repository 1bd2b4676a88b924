#include "core/recipes/factors.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "core/factors/inner_product.h"
#include "core/in_category.h"
#include "core/recipes/leave_out.h"
#include "core/recipes/recent_items.h"

namespace freshet::core {
namespace {

// The visitor touched the item, which counts so strongly.
void Know(const State& state, const ServedFactors& factors, ItemId item, float strength,
          FactorsRoom* room) {
  if (!state.catalog().IsLive(item)) return;
  const FactorRow row = factors.Find(state.catalog().Name(item));
  if (!row.valid()) return;
  room->known.push_back(row);
  room->pairs.push_back({factors.Vector(row).data(), strength});
}

// The item of that row when it may be in the answer, else an invalid one.
ItemId ItemToShow(const State& state, const ServedFactors& factors, CategoryId category,
                  const Candidates& candidates, FactorRow row) {
  const ItemId item = state.catalog().Find(factors.NameOf(row));
  if (!item.valid() || candidates.IsExcluded(item)) return {};
  return IsInCategory(state.catalog(), item, category) ? item : ItemId{};
}

}  // namespace

void Factors::Propose(const State& state, const Query& query, Workspace* room) const {
  const RecentItems recent = query.touched.empty()
                                 ? RecentItems(state, query.visitor, recent_items_)
                                 : RecentItems(state, query.touched, recent_items_);
  Exclude(leave_out_, state, query.visitor, recent.items(), &room->candidates);
  if (query.factors == nullptr || !FoldIn(state, query, &room->factors)) return;
  AddBest(state, query, room);
}

bool Factors::FoldIn(const State& state, const Query& query, FactorsRoom* room) const {
  const ServedFactors& factors = *query.factors;
  room->Reset(factors.dimension());
  if (!query.touched.empty()) {
    const RecentItems touched(state, query.touched, recent_items_);
    for (const ItemId item : touched.items()) Know(state, factors, item, 1, room);
  } else if (const UserId user = state.FindUser(query.visitor); user.valid()) {
    std::span<const History::Entry> history = state.users().HistoryOf(user).entries();
    history = history.first(std::min(history.size(), recent_items_));
    for (const History::Entry& entry : history) {
      if (entry.weight == 0) continue;
      Know(state, factors, entry.item, static_cast<float>(entry.weight), room);
    }
  }
  if (room->pairs.empty()) return false;
  factors.user_fold_in().Solve(room->pairs, &*room->solver, room->user);
  // Factors of wild sizes can be beyond what float32 solves.
  return std::isfinite(InnerProduct(room->user, room->user));
}

void Factors::AddBest(const State& state, const Query& query, Workspace* room) const {
  const ServedFactors& factors = *query.factors;
  Candidates& out = room->candidates;
  FactorsRoom& own = room->factors;
  const CategoryId category =
      query.category.empty() ? kNoCategory : state.catalog().FindCategory(query.category);
  const auto add_best = [&](const SkipRow& skip) {
    // The item asked about and the visitor's newest may be among them.
    const std::size_t count = query.count + 2;
    for (const ScoredRow& best : own.search.Find(factors.retrieval(), own.user, count, skip)) {
      const ItemId item = ItemToShow(state, factors, category, out, best.row);
      if (item.valid()) out.FindOrAdd(item)->Set(Feature::kFactors, best.score);
    }
  };

  // To look up in the catalogue what is already among the best is much cheaper than to look up what
  // could be, so that is done only where too few were left.
  if (category == kNoCategory) {
    std::sort(own.known.begin(), own.known.end());
    const bool skips_seen = leave_out_ == LeaveOut::kSeen;
    add_best([&own, skips_seen](FactorRow row) {
      return skips_seen && std::binary_search(own.known.begin(), own.known.end(), row);
    });
  }
  if (out.all().size() >= query.count) return;
  const auto may_be_shown = [&](FactorRow row) {
    return ItemToShow(state, factors, category, out, row).valid();
  };
  add_best([&may_be_shown](FactorRow row) { return !may_be_shown(row); });
}

void Factors::Score(const State& /*state*/, Workspace* room) const {
  float best = -std::numeric_limits<float>::infinity();
  for (const Candidate& candidate : room->candidates.all()) {
    best = std::max(best, candidate.Value(Feature::kFactors));
  }
  for (Candidate& candidate : room->candidates.all()) {
    candidate.score = std::exp(static_cast<double>(candidate.Value(Feature::kFactors) - best));
  }
}

}  // namespace freshet::core
