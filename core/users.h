// Users: named users and anonymous visitors, their histories and metadata.
//
// Owned by State; single-threaded. An anonymous visitor is a session without a user id; it has a
// history like anyone until the first event with both ids joins it to the user. Slots are reused:
// whoever keeps a UserId is told by State before its user is erased.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/changed_slots.h"
#include "core/dictionary.h"
#include "core/history.h"
#include "core/ids.h"
#include "core/log_entry.h"
#include "core/prefetch.h"
#include "core/recency_list.h"
#include "core/result.h"
#include "core/row_taking.h"
#include "core/rows.h"
#include "core/settings.h"

namespace freshet::core {

enum class UserKind : std::uint8_t { kNamed = 0, kVisitor = 1 };

class Users {
 public:
  explicit Users(const Settings& settings) : settings_(settings) {}

  [[nodiscard]] UserId Find(UserKind kind, std::string_view name) const;
  // Hints that Find(kind, name) follows.
  void PrefetchName(UserKind kind, std::string_view name) const;
  // REQUIRES: no user of that kind has the name, and IsFull() is false.
  UserId Add(UserKind kind, std::string_view name);
  // True when the cap is reached: erase LongestIdle() before adding another.
  [[nodiscard]] bool IsFull() const { return recency_.size() >= settings_.maximum_users; }
  [[nodiscard]] UserId LongestIdle() const { return UserId{recency_.Oldest()}; }

  // REQUIRES, here and below: the user is live.
  void Erase(UserId user);
  // The user was named by the log entry of that number; see RecencyList.
  void Touch(UserId user, std::uint64_t touch);
  // See History::Record.
  History::Touch Record(UserId user, ItemId item, std::uint32_t weight, std::uint32_t time_s);
  void SetColumns(UserId user, std::vector<Column> columns);
  // Of the user's sessions the one of the latest event, by time; invalid when there is none.
  void SetPresentSession(UserId user, SessionId session);
  [[nodiscard]] SessionId PresentSession(UserId user) const { return users_[user.value].session; }

  // Hints that the user will be named soon: first the first, then the second.
  void Prefetch(UserId user) const {
    if (user.value >= users_.size()) return;
    PrefetchObject(users_[user.value]);
    names_.Prefetch(user.value);
    recency_.Prefetch(user.value);
  }
  void PrefetchHistory(UserId user) const {
    if (user.value >= users_.size()) return;
    PrefetchLine(users_[user.value].history.entries().data());
    recency_.PrefetchNeighbours(user.value);
  }

  [[nodiscard]] bool IsLive(UserId user) const { return recency_.Contains(user.value); }
  [[nodiscard]] std::string_view Name(UserId user) const;
  [[nodiscard]] UserKind Kind(UserId user) const { return users_[user.value].kind; }
  [[nodiscard]] const History& HistoryOf(UserId user) const { return users_[user.value].history; }
  [[nodiscard]] std::span<const Column> Columns(UserId user) const {
    return users_[user.value].columns;
  }
  // True once PutUser has described the user; one known only by events has no metadata.
  [[nodiscard]] bool IsDescribed(UserId user) const { return users_[user.value].described; }

  [[nodiscard]] std::size_t live_count() const { return recency_.size(); }
  [[nodiscard]] std::uint32_t slot_count() const {
    return static_cast<std::uint32_t>(users_.size());
  }
  [[nodiscard]] std::size_t bytes() const;

  void TakeChangedRows(RowTaking* taking);
  Status LoadUser(std::string_view key, std::string_view value);
  Status LoadHistory(std::string_view key, std::string_view value);
  Status FinishLoad();

 private:
  struct User {
    History history;
    std::vector<Column> columns;
    SessionId session;
    UserKind kind = UserKind::kNamed;
    bool described = false;
  };

  User& At(std::uint32_t slot);

  const Settings& settings_;
  Dictionary names_;  // the kind as one character, then the name
  std::vector<User> users_;
  std::vector<std::uint32_t> free_slots_;
  RecencyList recency_;
  ChangedSlots changed_users_;
  ChangedSlots changed_histories_;
  std::size_t history_bytes_ = 0;
};

}  // namespace freshet::core
