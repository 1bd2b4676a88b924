// ExploredAnswers: which new items the latest answers showed, so that an event that names one of
// these answers by its recommendationId tells how often they were shown.
//
// Owned by the process; any thread. It is memory only: what an event brings back stands in the log
// as the event's impression, what no event brings back is forgotten, and so is all at a restart.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/log_entry.h"
#include "core/recipes/answer_item.h"
#include "core/state.h"

namespace freshet::daemon::api {

class ExploredAnswers {
 public:
  explicit ExploredAnswers(std::size_t capacity = 10'000) : capacity_(capacity) {}

  // Remembers the answer's explored items, as many as an impression may have; nothing when it has
  // none. Beyond `capacity` answers the oldest is forgotten.
  void Remember(std::string_view recommendation_id, const core::State& state,
                std::span<const core::AnswerItem> answer);

  // Gives each event that names such an answer, and no impression of its own, those items as its
  // impression; the first one only.
  void Complete(std::span<core::LogEntry> entries);

 private:
  const std::size_t capacity_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::vector<std::string>> shown_;  // by recommendationId
  std::deque<std::string> by_age_;                                   // those ids, oldest first
};

}  // namespace freshet::daemon::api
