// Sessions: what was done in one visit, in order, and by whom.
//
// Owned by State; single-threaded. A session is named by its sessionId, or is cut from the events
// of a user without one by a pause of settings.session_gap_ms. Each has a number, given at its
// start and growing with the log: the one order that everything built on sessions shares. A session
// belongs to a live user or visitor and is erased with it. Slots are reused.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/changed_slots.h"
#include "core/dictionary.h"
#include "core/ids.h"
#include "core/recency_list.h"
#include "core/result.h"
#include "core/rows.h"
#include "core/settings.h"

namespace freshet::core {

class Sessions {
 public:
  explicit Sessions(const Settings& settings) : settings_(settings) {}

  [[nodiscard]] SessionId Find(std::string_view name) const;
  // Hints that Find(name) follows, in two steps; see Dictionary.
  void PrefetchName(std::string_view name) const { names_.PrefetchCell(name); }
  void PrefetchSlot(std::string_view name) const {
    const std::uint32_t slot = names_.PrefetchName(name);
    if (slot != Dictionary::kNone) __builtin_prefetch(&sessions_[slot]);
  }
  // Starts a session; `name` is empty when a pause cuts it. REQUIRES: IsFull() is false, the name
  // is not in use, and `number` is larger than any before.
  SessionId Start(std::string_view name, SessionNumber number, UserId owner);
  [[nodiscard]] bool IsFull() const { return recency_.size() >= settings_.maximum_sessions; }
  [[nodiscard]] SessionId LongestIdle() const { return SessionId{recency_.Oldest()}; }

  // REQUIRES, here and below: the session is live.
  void Erase(SessionId session);
  // Appends one touch by the log entry of that number; past settings.maximum_session_items the
  // oldest leaves. A repeat of the newest item only moves the time, which never goes back.
  void Record(SessionId session, ItemId item, std::int64_t time_ms, std::uint64_t touch);
  void SetOwner(SessionId session, UserId owner);

  [[nodiscard]] bool IsLive(SessionId session) const { return recency_.Contains(session.value); }
  // Empty for a session that a pause cuts.
  [[nodiscard]] std::string_view Name(SessionId session) const {
    return names_.Name(session.value);
  }
  [[nodiscard]] SessionNumber Number(SessionId session) const {
    return sessions_[session.value].number;
  }
  [[nodiscard]] UserId Owner(SessionId session) const { return sessions_[session.value].owner; }
  [[nodiscard]] std::int64_t LastTimeMs(SessionId session) const {
    return sessions_[session.value].last_ms;
  }
  // Oldest first; dead items may occur.
  [[nodiscard]] std::span<const ItemId> Items(SessionId session) const {
    return sessions_[session.value].items;
  }
  // Some session of that owner, or an invalid id when it has none.
  [[nodiscard]] SessionId FirstOf(UserId owner) const {
    return owner.value < first_of_owner_.size() ? first_of_owner_[owner.value] : SessionId{};
  }

  [[nodiscard]] std::size_t live_count() const { return recency_.size(); }
  [[nodiscard]] std::uint32_t slot_count() const {
    return static_cast<std::uint32_t>(sessions_.size());
  }
  [[nodiscard]] std::size_t bytes() const;

  void TakeChangedRows(RowBatch* rows);
  Status LoadRow(std::string_view key, std::string_view value);
  void FinishLoad();

 private:
  struct Session {
    std::vector<ItemId> items;
    SessionNumber number{};
    std::int64_t last_ms = 0;
    UserId owner;
    SessionId previous_of_owner;
    SessionId next_of_owner;
  };

  Session& At(std::uint32_t slot);
  void Link(SessionId session, UserId owner);
  void Unlink(SessionId session);

  const Settings& settings_;
  Dictionary names_;
  std::vector<Session> sessions_;
  std::vector<SessionId> first_of_owner_;  // by user slot
  std::vector<std::uint32_t> free_slots_;
  RecencyList recency_;
  ChangedSlots changed_;
  std::size_t item_bytes_ = 0;
};

}  // namespace freshet::core
