// RecentItems: what a visitor did lately, which speaks for what to show next.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "core/ids.h"
#include "core/state.h"

namespace freshet::core {

// Distinct live items, newest first. A value of fixed size, so that a query allocates nothing.
class RecentItems {
 public:
  static constexpr std::size_t kMaximum = 200;

  // The newest `limit` items of the visitor's history and open session. A session of the user's own
  // adds nothing that the history has not; the items of another's, or of one that is not joined to
  // the user yet, count as newer than the history.
  RecentItems(const State& state, const Visitor& visitor, std::size_t limit)
      : RecentItems(state, state.FindUser(visitor), state.FindSession(visitor), limit) {}
  RecentItems(const State& state, UserId user, SessionId session, std::size_t limit)
      : limit_(std::min(limit, kMaximum)) {
    if (session.valid() && state.sessions().Owner(session) != user) {
      const std::span<const ItemId> items = state.sessions().Items(session);
      for (auto it = items.rbegin(); it != items.rend(); ++it) Add(state, *it);
    }
    if (user.valid()) {
      for (const History::Entry& entry : state.users().HistoryOf(user).entries()) {
        if (size_ == limit_) break;
        if (entry.weight > 0) Add(state, entry.item);
      }
    }
  }

  // The newest `limit` items of the visitor's present session; of the history where there is no
  // session. `session` is state.FindSession(visitor).
  static RecentItems OfSession(const State& state, const Visitor& visitor, SessionId session,
                               std::size_t limit) {
    if (!session.valid()) return RecentItems(state, visitor, limit);
    return RecentItems(state, state.sessions().Items(session), limit);
  }

  // The newest `limit` of `touched`, which has the oldest first.
  RecentItems(const State& state, std::span<const ItemId> touched, std::size_t limit)
      : limit_(std::min(limit, kMaximum)) {
    for (auto it = touched.rbegin(); it != touched.rend(); ++it) Add(state, *it);
  }

  [[nodiscard]] std::span<const ItemId> items() const { return {items_.data(), size_}; }

 private:
  void Add(const State& state, ItemId item) {
    if (size_ == limit_ || !state.catalog().IsLive(item)) return;
    const auto end = items_.begin() + static_cast<std::ptrdiff_t>(size_);
    if (std::find(items_.begin(), end, item) == end) items_[size_++] = item;
  }

  std::array<ItemId, kMaximum> items_;
  std::size_t size_ = 0;
  std::size_t limit_;
};

inline constexpr double kRecencyDecay = 0.25;

// How much the item at `rank` (0 is the newest) of a visitor's recent items counts.
inline double RecencyWeight(std::size_t rank) {
  return 1.0 / (1.0 + kRecencyDecay * static_cast<double>(rank));
}

}  // namespace freshet::core
