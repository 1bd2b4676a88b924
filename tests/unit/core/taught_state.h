// TaughtState: a State with a pen, for tests that tell a short story and look at the answers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/recipes/campaign.h"
#include "core/recipes/recommend.h"
#include "core/state.h"

namespace freshet::core {

inline Visitor User(std::string_view name) { return {name, {}}; }
inline Visitor Session(std::string_view name) { return {{}, name}; }

class TaughtState {
 public:
  explicit TaughtState(Settings settings = {})
      : state_(std::make_unique<State>(std::move(settings))) {}

  // One event, a second after the one before.
  void Touch(const std::string& user, const std::string& item, const std::string& type = "view",
             const std::string& session = {}) {
    Event event;
    event.user_id = user;
    event.session_id = session;
    event.item_id = item;
    event.event_type = type;
    event.time_ms = now_ms_ += 1000;
    Apply(std::move(event));
  }
  void TouchAll(const std::string& user, const std::vector<std::string>& items) {
    for (const std::string& item : items) Touch(user, item);
  }
  void Describe(const std::string& item, const std::string& categories) {
    Apply(PutItem{.item_id = item, .columns = {{"CATEGORIES", categories}}});
  }
  void Delete(const std::string& item) { Apply(DeleteItem{item}); }
  void Wait(std::int64_t ms) { now_ms_ += ms; }

  void Apply(LogEntry entry) {
    state_->Apply({.position = {0, offset_++}, .received_ms = now_ms_, .entry = std::move(entry)});
  }

  [[nodiscard]] const State& state() const { return *state_; }
  [[nodiscard]] ItemId Item(std::string_view name) const { return state_->catalog().Find(name); }
  [[nodiscard]] std::string Name(const AnswerItem& item) const {
    return std::string(item.item.valid() ? state_->catalog().Name(item.item) : item.unknown);
  }

  const std::vector<AnswerItem>& Recommend(const CampaignSettings& settings, const Query& query) {
    core::Recommend(*state_, Campaign(settings).recipe(), query, &scratch_);
    return scratch_.answer;
  }
  const std::vector<AnswerItem>& Rank(const CampaignSettings& settings, const Query& query) {
    core::Rank(*state_, Campaign(settings).recipe(), query, &scratch_);
    return scratch_.answer;
  }
  [[nodiscard]] std::vector<std::string> Names(const std::vector<AnswerItem>& answer) const {
    std::vector<std::string> names;
    for (const AnswerItem& item : answer) names.push_back(Name(item));
    return names;
  }

 private:
  std::unique_ptr<State> state_;
  QueryScratch scratch_;
  std::int64_t now_ms_ = 1'600'000'000'000;
  std::uint64_t offset_ = 0;
};

}  // namespace freshet::core
