// Sessions: what was done in one visit, in order, and by whom.
//
// Owned by State; single-threaded. A session is named by its sessionId, or is cut from the events
// of a user without one by a pause of settings.session_gap_ms. Each has a number, given at its
// start, one more than the last: the one order that everything built on sessions shares. A session
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
#include "core/item_list.h"
#include "core/prefetch.h"
#include "core/recency_list.h"
#include "core/result.h"
#include "core/row_taking.h"
#include "core/rows.h"
#include "core/settings.h"

namespace freshet::core {

class Sessions {
 public:
  explicit Sessions(const Settings& settings) : settings_(settings) {}

  [[nodiscard]] SessionId Find(std::string_view name) const;
  // Hints that Find(name) follows, in two steps; see Dictionary.
  void PrefetchName(std::string_view name) const { names_.PrefetchCell(name); }
  // The second returns a guess at the session, which may have been erased since.
  SessionId PrefetchSlot(std::string_view name) const {
    const std::uint32_t slot = names_.PrefetchName(name);
    if (slot == Dictionary::kNone) return {};
    PrefetchObject(sessions_[slot]);
    recency_.Prefetch(slot);
    return SessionId{slot};
  }
  // Hints that Record(session) follows.
  void PrefetchRecord(SessionId session) const {
    PrefetchLine(Items(session).data());
    recency_.PrefetchNeighbours(session.value);
  }
  // Starts a session; `name` is empty when a pause cuts it. REQUIRES: MustMakeRoom() is false and
  // the name is not in use.
  SessionId Start(std::string_view name, UserId owner);
  // True when one has to leave before the next: that of NextToLeave().
  [[nodiscard]] bool MustMakeRoom() const {
    return recency_.size() >= settings_.maximum_sessions || IsSpanFull();
  }
  // The session idle for longest; or one that goes on while many times the cap have come and gone
  // since its start, because numbers are only kept of so many.
  [[nodiscard]] SessionId NextToLeave() const {
    return IsSpanFull() ? SessionId{slots_by_number_[dead_numbers_]} : SessionId{recency_.Oldest()};
  }

  // REQUIRES, here and below: the session is live.
  void Erase(SessionId session);
  // Puts one touch, by the entry of that number, before the item at `place` of Items(session), or
  // at the end; past settings.maximum_session_items the oldest leaves. A repeat of the item before
  // or behind only moves the time, which never goes back.
  void Record(SessionId session, ItemId item, std::size_t place, std::int64_t time_ms,
              std::uint64_t touch);
  // Something was touched in it, at that time, that is no item.
  void Touch(SessionId session, std::int64_t time_ms, std::uint64_t touch);
  void SetOwner(SessionId session, UserId owner);
  // All sessions of one become the other's. REQUIRES: they differ.
  void MoveAll(UserId from, UserId to);

  [[nodiscard]] bool IsLive(SessionId session) const { return recency_.Contains(session.value); }
  // Empty for a session that a pause cuts.
  [[nodiscard]] std::string_view Name(SessionId session) const {
    return names_.Name(session.value);
  }
  [[nodiscard]] SessionNumber Number(SessionId session) const {
    return sessions_[session.value].number;
  }
  // The live session whose number has these low 32 bits, or an invalid id.
  [[nodiscard]] SessionId WithNumber(std::uint32_t low) const {
    const std::uint32_t index = low - static_cast<std::uint32_t>(first_number_);
    return index < slots_by_number_.size() ? SessionId{slots_by_number_[index]} : SessionId{};
  }
  [[nodiscard]] std::uint64_t next_number() const {
    return first_number_ + slots_by_number_.size();
  }
  // The sessions with this number or a greater one are all live.
  [[nodiscard]] std::uint64_t live_from_number() const { return live_from_number_; }
  [[nodiscard]] UserId Owner(SessionId session) const { return sessions_[session.value].owner; }
  [[nodiscard]] std::int64_t LastTimeMs(SessionId session) const {
    return sessions_[session.value].last_ms;
  }
  // Oldest first; dead items may occur.
  [[nodiscard]] std::span<const ItemId> Items(SessionId session) const {
    return sessions_[session.value].items.items();
  }
  // Hints that Items(session) follows.
  void PrefetchItems(SessionId session) const { PrefetchObject(sessions_[session.value]); }
  // The owner's session that started last, or an invalid id when it has none.
  [[nodiscard]] SessionId NewestOf(UserId owner) const {
    return owner.value < newest_of_owner_.size() ? newest_of_owner_[owner.value] : SessionId{};
  }
  // The session of the same owner that started before this one, or an invalid id.
  [[nodiscard]] SessionId Older(SessionId session) const {
    return sessions_[session.value].older_of_owner;
  }

  [[nodiscard]] std::size_t live_count() const { return recency_.size(); }
  [[nodiscard]] std::uint32_t slot_count() const {
    return static_cast<std::uint32_t>(sessions_.size());
  }
  [[nodiscard]] std::size_t bytes() const;

  void TakeChangedRows(RowTaking* taking);
  Status LoadRow(std::string_view key, std::string_view value);
  // Once every row is loaded. kCorruption when a session has the number `next_number` or one
  // beyond.
  Status FinishLoad(std::uint64_t next_number);

 private:
  // How many times the cap lie between the oldest and the newest number at most.
  static constexpr std::uint64_t kMaximumSpan = 8;

  // One cache line.
  struct alignas(64) Session {
    SessionNumber number{};
    std::int64_t last_ms = 0;
    ItemList items;
    UserId owner;
    SessionId newer_of_owner;
    SessionId older_of_owner;
  };

  Session& At(std::uint32_t slot);
  [[nodiscard]] bool IsSpanFull() const {
    return slots_by_number_.size() - dead_numbers_ >= kMaximumSpan * settings_.maximum_sessions;
  }
  void ForgetNumber(SessionNumber number);
  // Puts the session among its owner's by its number. `newer` is one of the owner's that started
  // later, from which its place is sought, or invalid.
  void Link(SessionId session, UserId owner, SessionId newer = {});
  void Unlink(SessionId session);

  const Settings& settings_;
  Dictionary names_;
  std::vector<Session> sessions_;
  std::vector<SessionId> newest_of_owner_;  // by user slot
  std::vector<std::uint32_t> free_slots_;
  // The slot of each number from first_number_ on, or DenseId's kNone. The first dead_numbers_ of
  // them have none, the one after them has.
  std::vector<std::uint32_t> slots_by_number_;
  std::uint64_t first_number_ = 0;
  std::size_t dead_numbers_ = 0;
  std::uint64_t live_from_number_ = 0;
  RecencyList recency_;
  ChangedSlots changed_;
  std::size_t item_bytes_ = 0;
};

}  // namespace freshet::core
