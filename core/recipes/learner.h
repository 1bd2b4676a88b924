// Learner: teaches a State what a log says, and the campaigns that mix what visitors choose. All
// that learns from a log does so through a Learner.
//
// Before some of the events one of the campaigns is asked what it would have answered, and takes a
// step of its blend towards what the visitor chose. Which events and which campaign depends alone
// on how many events were learned before, so the same log gives the same weights, whatever is sent
// twice.
// Owned by whoever owns the state, which outlives it; single-threaded.
#pragma once

#include <deque>

#include "core/log_entry.h"
#include "core/recipes/user_personalization.h"
#include "core/recipes/workspace.h"
#include "core/state.h"

namespace freshet::core {

class Learner {
 public:
  // The campaigns are those of the state's settings.
  explicit Learner(State* state);
  Learner(const Learner&) = delete;
  Learner& operator=(const Learner&) = delete;

  // State::Apply, and before it the lesson, if the entry is one.
  Applied Apply(const StampedEntry& entry);

 private:
  [[nodiscard]] bool IsLesson(const StampedEntry& entry) const;
  void TakeLesson(const Event& event);

  State* state_;
  std::deque<UserPersonalization> pupils_;
  Workspace room_;
};

}  // namespace freshet::core
