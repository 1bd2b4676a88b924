// What a visitor has seen already, taken out of the candidates.
#pragma once

#include "core/recipes/candidates.h"
#include "core/state.h"

namespace freshet::core {

// Excludes the items of the visitor's history and session.
inline void ExcludeSeen(const State& state, const Visitor& visitor, Candidates* candidates) {
  const UserId user = state.FindUser(visitor);
  if (user.valid()) {
    for (const History::Entry& entry : state.users().HistoryOf(user).entries()) {
      candidates->Exclude(entry.item);
    }
  }
  const SessionId session = state.FindSession(visitor);
  if (session.valid()) {
    for (const ItemId item : state.sessions().Items(session)) candidates->Exclude(item);
  }
}

}  // namespace freshet::core
