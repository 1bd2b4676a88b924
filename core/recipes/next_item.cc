#include "core/recipes/next_item.h"

#include <algorithm>
#include <span>

namespace freshet::core {

std::optional<Place> AskForNextItem(const State& state, const Campaign& campaign,
                                    const Event& event, const ServedFactors* factors,
                                    std::size_t count, QueryScratch* scratch) {
  const RecipeKind recipe = campaign.settings().recipe;
  if (recipe == RecipeKind::kPersonalizedRanking) return std::nullopt;
  const SessionId session = state.SessionContinuedBy(event);
  if (!session.valid()) return std::nullopt;
  const bool is_late = event.time_ms < state.sessions().LastTimeMs(session);
  const std::span<const ItemId> touched = state.sessions().Items(session);
  const ItemId next = state.catalog().Find(event.item_id);
  if (is_late || touched.empty() || touched.back() == next) return std::nullopt;
  const ItemId current = touched.back();

  Query query{.visitor = VisitorOf(event), .count = count + 1, .factors = factors};
  if (recipe == RecipeKind::kSimilarItems) query.item = state.catalog().Name(current);
  Recommend(state, campaign.recipe(), query, scratch);
  std::erase_if(scratch->answer, [&](const AnswerItem& one) { return one.item == current; });
  if (scratch->answer.size() > count) scratch->answer.pop_back();
  const auto met = std::find_if(scratch->answer.begin(), scratch->answer.end(),
                                [&](const AnswerItem& one) { return one.item == next; });
  if (met == scratch->answer.end()) return Place();
  return Place(static_cast<std::size_t>(met - scratch->answer.begin()));
}

}  // namespace freshet::core
