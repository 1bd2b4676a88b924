// LogEntry: everything that may change state. Plain data with external string ids, as it stands in
// the log; produced by the decoders at the edges and consumed by State::Apply.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/ids.h"
#include "core/number.h"

namespace freshet::core {

// One value of a metadata column. Categorical columns with several values keep Personalize's form
// "a|b|c" in one string.
using ColumnValue = std::variant<std::string, Number, bool>;

// A metadata column. `name` is the schema's spelling in upper snake case (CREATION_TIMESTAMP),
// whatever spelling the client used; see core/column_name.h.
struct Column {
  std::string name;
  ColumnValue value;

  friend bool operator==(const Column&, const Column&) = default;
};

// One interaction. At least one of user_id and session_id is set.
struct Event {
  std::string user_id;     // empty: anonymous
  std::string session_id;  // empty: sessions are cut by a pause
  std::string item_id;
  std::string event_type;
  std::int64_t time_ms = 0;  // the client's time, milliseconds since 1970
  std::optional<double> value;
  std::string event_id;           // empty: the event is never taken for a duplicate
  std::string recommendation_id;  // empty: none
  std::vector<std::string> impression;
  std::string properties;  // a JSON object as text, or empty
  std::string attribution_source;

  friend bool operator==(const Event&, const Event&) = default;
};

// Creates or wholly replaces an item's metadata.
struct PutItem {
  std::string item_id;
  std::vector<Column> columns;
  friend bool operator==(const PutItem&, const PutItem&) = default;
};

struct DeleteItem {
  std::string item_id;
  friend bool operator==(const DeleteItem&, const DeleteItem&) = default;
};

// Creates or wholly replaces a user's metadata.
struct PutUser {
  std::string user_id;
  std::vector<Column> columns;
  friend bool operator==(const PutUser&, const PutUser&) = default;
};

struct DeleteUser {
  std::string user_id;
  friend bool operator==(const DeleteUser&, const DeleteUser&) = default;
};

using LogEntry = std::variant<Event, PutItem, DeleteItem, PutUser, DeleteUser>;

// An entry as read from the log: where it stands and when the log received it. Both are part of the
// log, so replay sees the same ones.
struct StampedEntry {
  Position position;
  std::int64_t received_ms = 0;
  LogEntry entry;
};

}  // namespace freshet::core
