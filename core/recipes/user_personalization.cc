#include "core/recipes/user_personalization.h"

#include "core/recipes/recent_items.h"

namespace freshet::core {

namespace {

void ExcludeSeen(const State& state, const Visitor& visitor, Candidates* out) {
  const UserId user = state.FindUser(visitor);
  if (user.valid()) {
    for (const History::Entry& entry : state.users().HistoryOf(user).entries()) {
      out->Exclude(entry.item);
    }
  }
  const SessionId session = state.FindSession(visitor);
  if (session.valid()) {
    for (const ItemId item : state.sessions().Items(session)) out->Exclude(item);
  }
}

}  // namespace

void UserPersonalization::Propose(const State& state, const Query& query, Candidates* out) const {
  if (!recommend_seen_) ExcludeSeen(state, query.visitor, out);
  const Cooccurrence* table = strength_.Table(state);
  if (table == nullptr) return;
  const RecentItems recent(state, query.visitor, recent_items_);
  strength_.ForEachOfRecent(
      *table, recent, [&](ItemId other) { out->Prefetch(other); },
      [&](ItemId other, double strength, ItemId because) {
        out->Add(other, Feature::kCooccurrence, static_cast<float>(strength), because);
      });
}

void UserPersonalization::Score(std::span<Candidate> candidates) const {
  for (Candidate& candidate : candidates) candidate.score = candidate.Value(Feature::kCooccurrence);
}

}  // namespace freshet::core
