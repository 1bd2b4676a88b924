// EventIds: the eventIds seen lately, so that a retried event counts once.
//
// Owned by State; single-threaded. Remembers the newest `maximum_event_ids` for
// `event_id_window_ms` of the log's own time (received_ms), by a 128-bit hash: two ids that differ
// are taken for one with a probability below 1e-26 per event.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"
#include "core/rows.h"
#include "core/settings.h"

namespace freshet::core {

class EventIds {
 public:
  explicit EventIds(const Settings& settings);

  // True when `event_id` is new within the window, and remembers it; false for a duplicate.
  bool Insert(std::string_view event_id, std::int64_t received_ms);

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t bytes() const;
  // Ids that left because the cap was reached before their window had passed.
  [[nodiscard]] std::uint64_t evicted() const;

  void TakeChangedRows(RowBatch* rows);
  Status LoadRow(std::string_view key, std::string_view value);
  void FinishLoad();
};

}  // namespace freshet::core
