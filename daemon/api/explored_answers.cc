#include "daemon/api/explored_answers.h"

#include <utility>
#include <variant>

#include "core/validate.h"

namespace freshet::daemon::api {

void ExploredAnswers::Remember(std::string_view recommendation_id, const core::State& state,
                               std::span<const core::AnswerItem> answer) {
  std::vector<std::string> shown;
  for (const core::AnswerItem& item : answer) {
    if (item.reason != core::Reason::kExplored) continue;
    if (shown.size() == core::kMaximumImpressions) break;
    shown.emplace_back(state.catalog().Name(item.item));
  }
  if (shown.empty()) return;
  const std::lock_guard lock(mutex_);
  shown_[by_age_.emplace_back(recommendation_id)] = std::move(shown);
  if (by_age_.size() <= capacity_) return;
  shown_.erase(by_age_.front());
  by_age_.pop_front();
}

void ExploredAnswers::Complete(std::span<core::LogEntry> entries) {
  for (core::LogEntry& entry : entries) {
    auto* event = std::get_if<core::Event>(&entry);
    if (event == nullptr || event->recommendation_id.empty() || !event->impression.empty()) {
      continue;
    }
    const std::lock_guard lock(mutex_);
    const auto known = shown_.find(event->recommendation_id);
    if (known != shown_.end()) event->impression = std::exchange(known->second, {});
  }
}

}  // namespace freshet::daemon::api
