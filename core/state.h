// State: everything the log has taught, and the one door to it.
//
// A pure function of the log: no clock, no thread, no file, no chance. Owned by the engine of a
// process. One thread calls the non-const functions; const functions may run on many threads at
// once while none of those runs (the daemon's gate sees to that).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/arrivals.h"
#include "core/audiences.h"
#include "core/blend.h"
#include "core/catalog.h"
#include "core/content_index.h"
#include "core/cooccurrence.h"
#include "core/deletions.h"
#include "core/event_ids.h"
#include "core/event_weight.h"
#include "core/exposures.h"
#include "core/ids.h"
#include "core/log_entry.h"
#include "core/popularity.h"
#include "core/result.h"
#include "core/row_taking.h"
#include "core/rows.h"
#include "core/session_index.h"
#include "core/sessions.h"
#include "core/settings.h"
#include "core/successions.h"
#include "core/users.h"

namespace freshet::core {

// What became of one entry.
enum class Applied {
  kLearned,
  kDuplicate,  // its eventId was seen within the window
  kErased,     // it was logged before its user was deleted: it teaches nothing
};

// How often a cap took something away, by what it was, since the log began.
struct Evictions {
  std::uint64_t users = 0;
  std::uint64_t sessions = 0;
  std::uint64_t items = 0;
  std::uint64_t pairs = 0;
  std::uint64_t successors = 0;
  std::uint64_t event_ids = 0;
};

// Names the caller knows somebody by; either may be empty.
struct Visitor {
  std::string_view user;
  std::string_view session;
};

// The event's visitor as a client of Personalize names one in a query: by the userId alone, or by
// the sessionId in its place.
inline Visitor VisitorOf(const Event& event) {
  return {.user = event.user_id.empty() ? event.session_id : event.user_id, .session = {}};
}

class State {
 public:
  explicit State(Settings settings);
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // Learns one entry, all of it at once. REQUIRES: Validate(entry) is ok.
  Applied Apply(const StampedEntry& entry);

  // The campaign of that name learns a step along `gradient`; see recipes/learner.h.
  void Teach(std::string_view campaign, const BlendVector& gradient) {
    blends_.Learn(campaign, gradient);
  }

  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] const Catalog& catalog() const { return catalog_; }
  [[nodiscard]] const Users& users() const { return users_; }
  [[nodiscard]] const Sessions& sessions() const { return sessions_; }
  [[nodiscard]] const SessionIndex& session_index() const { return session_index_; }
  [[nodiscard]] const Successions& successions() const { return successions_; }
  [[nodiscard]] const Popularity& popularity() const { return popularity_; }
  [[nodiscard]] const Blends& blends() const { return blends_; }
  [[nodiscard]] const ContentIndex& content() const { return content_; }
  [[nodiscard]] const Arrivals& arrivals() const { return arrivals_; }
  [[nodiscard]] const Exposures& exposures() const { return exposures_; }
  [[nodiscard]] const Audiences& audiences() const { return audiences_; }
  // The table of that name, or null.
  [[nodiscard]] const Cooccurrence* PairTable(std::string_view name) const;
  [[nodiscard]] const std::vector<Cooccurrence>& pair_tables() const { return pair_tables_; }

  // Who that is: the named user; else, as Personalize allows a sessionId in place of a userId, the
  // owner of the session of either name; else an invalid id.
  [[nodiscard]] UserId FindUser(const Visitor& visitor) const;
  // The visitor's session: the named one; else the user's present one, which is that of the user's
  // latest event, however it is named; else, as FindUser has it, the one of the user's name; else
  // an invalid id.
  [[nodiscard]] SessionId FindSession(const Visitor& visitor) const;
  // The session that the event would go on with, or an invalid id when it would start one.
  [[nodiscard]] SessionId SessionContinuedBy(const Event& event) const;

  // Whether Apply would pass over the event because its eventId was seen.
  [[nodiscard]] bool IsDuplicate(const StampedEntry& entry) const;
  // Whether Apply would learn nothing from the event, for whatever reason.
  [[nodiscard]] bool IsPassedOver(const StampedEntry& entry) const {
    return IsDuplicate(entry) || DeletionAfter(entry) != nullptr;
  }

  // The latest event time learned, milliseconds: what "now" means to everything that decays.
  [[nodiscard]] std::int64_t clock_ms() const { return clock_ms_; }
  // Entries learned since the log began, duplicates apart.
  [[nodiscard]] std::uint64_t entry_count() const { return entry_count_; }
  // Events learned since the log began, duplicates apart.
  [[nodiscard]] std::uint64_t event_count() const { return event_count_; }
  [[nodiscard]] Evictions evictions() const;

  // Bytes held, by structure.
  [[nodiscard]] std::vector<std::pair<std::string_view, std::size_t>> BytesByStructure() const;

  // Begins to take every row that changed since the last call, as it is now. Together with the
  // positions applied by now, committed in one atomic write, that is a checkpoint.
  void TakeChangedRows(RowTaking* taking);

  // Loading a checkpoint into a new State: LoadRow for each stored row in any order, then
  // FinishLoad. A kCorruption error names the table; the State is then unusable.
  // Rows of a pair table that the settings no longer have are passed over.
  Status LoadRow(Table table, std::string_view key, std::string_view value);
  Status FinishLoad();

 private:
  void ApplyOne(const Event& event, const StampedEntry& stamp);
  void ApplyOne(const PutItem& put, const StampedEntry& stamp);
  void ApplyOne(const DeleteItem& erase, const StampedEntry& stamp);
  void ApplyOne(const PutUser& put, const StampedEntry& stamp);
  void ApplyOne(const DeleteUser& erase, const StampedEntry& stamp);

  struct EventType {
    std::string name;  // lower case
    TypeWeight weight;
    std::vector<bool> in_table;  // by index of pair_tables_
  };
  const EventType& TypeOf(std::string_view name);
  // The delete of the event's user, or of whom its session is of, that was logged after it; or
  // null.
  [[nodiscard]] const Deletion* DeletionAfter(const StampedEntry& entry) const;
  // What an erased user did without the user id, in the session of the event, goes as well.
  void EraseVisitorOf(const Event& event, const Deletion& deletion);
  // The event's item was deleted, and not put again before the event was logged.
  [[nodiscard]] bool IsOfDeletedItem(const Event& event, const StampedEntry& stamp) const;
  [[nodiscard]] std::int64_t TimeOf(const Event& event, std::int64_t received_ms) const;
  ItemId TouchItem(std::string_view name, std::int64_t time_ms);
  UserId TouchUser(UserKind kind, std::string_view name);
  // `named` is the live session of the event's sessionId, or invalid.
  UserId OwnerOf(const Event& event, SessionId named);
  SessionId SessionOf(const Event& event, SessionId named, UserId owner, std::int64_t time_ms);
  // The owner's session that an event of that time without a sessionId belongs to, or invalid.
  [[nodiscard]] SessionId UnnamedSessionAt(UserId owner, std::int64_t time_ms) const;
  // Whether the session gap lies between the session and a time before or after it.
  [[nodiscard]] bool IsApart(SessionId session, std::int64_t time_ms) const;
  // How many items of the session come before an event of that time.
  [[nodiscard]] std::size_t PlaceIn(SessionId session, std::int64_t time_ms) const;
  SessionId StartSession(std::string_view name, UserId owner);
  void MoveSession(SessionId session, UserId to);
  // The session of the user has an event; it may be the latest.
  void NotePresent(UserId user, SessionId session);
  // The user's present session is no longer the user's; the latest of the others takes its place.
  void ReplacePresent(UserId user);
  void Join(UserId visitor, UserId user);
  // `chosen`: the event is of a liking.
  void CountExposures(const Event& event, ItemId item, bool chosen);
  void EraseItem(ItemId item);
  // `retract`: also take back what the user's or session's open baskets taught, as if they had
  // never been.
  void EraseUser(UserId user, bool retract);
  void EraseSession(SessionId session, bool retract);
  void CloseBaskets(BasketScope scope, std::uint32_t owner_slot, bool retract);
  void EncodeMeta(RowBatch* rows) const;
  Status DecodeMeta(std::string_view key, std::string_view value);
  Status LoadDeletion(std::string_view key, std::string_view value);

  Settings settings_;
  Catalog catalog_;
  Popularity popularity_;
  Users users_;
  Sessions sessions_;
  SessionIndex session_index_;
  Successions successions_;
  Blends blends_;
  ContentIndex content_;
  Arrivals arrivals_;
  Exposures exposures_;
  Audiences audiences_;
  std::vector<Cooccurrence> pair_tables_;
  EventIds event_ids_;
  Deletions deleted_items_;
  Deletions deleted_users_;
  Deletions deleted_visitors_;
  std::vector<EventType> event_types_;
  std::int64_t clock_ms_ = 0;
  std::uint64_t entry_count_ = 0;  // what touches are told by
  std::uint64_t event_count_ = 0;
  std::uint32_t loaded_item_slots_ = 0;
  std::uint64_t loaded_next_session_ = 0;
  bool changed_ = false;
  // Of event ids and successors: before this process; pairs are counted by their tables.
  Evictions evictions_;
};

}  // namespace freshet::core
