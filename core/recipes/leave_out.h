// What a visitor touched already, taken out of the candidates.
#pragma once

#include <span>

#include "core/campaign_settings.h"
#include "core/ids.h"
#include "core/recipes/candidates.h"
#include "core/state.h"

namespace freshet::core {

// Excludes what `leave_out` says of a visitor who touched `recent`, newest first.
inline void Exclude(LeaveOut leave_out, const State& state, const Visitor& visitor,
                    std::span<const ItemId> recent, Candidates* candidates) {
  if (leave_out == LeaveOut::kNone) return;
  if (!recent.empty()) candidates->Exclude(recent.front());
  if (leave_out == LeaveOut::kCurrent) return;
  for (const ItemId item : recent) candidates->Exclude(item);
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
