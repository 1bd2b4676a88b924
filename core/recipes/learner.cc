#include "core/recipes/learner.h"

#include <algorithm>

namespace freshet::core {
namespace {

// A young state looks at one event in 4; from so many events on the share falls with their number,
// down to the one that the settings name.
constexpr std::uint64_t kOftenest = 4;
constexpr std::uint64_t kLessonsAtFirst = 2500;

// The finalizer of MurmurHash3 (Austin Appleby, public domain): every bit of the number matters to
// every bit of the hash, so that no regular stream meets the sample always or never.
std::uint64_t HashOf(std::uint64_t number) {
  number ^= number >> 33;
  number *= 0xff51afd7ed558ccdULL;
  number ^= number >> 33;
  number *= 0xc4ceb9fe1a85ec53ULL;
  return number ^ (number >> 33);
}

}  // namespace

Learner::Learner(State* state) : state_(state) {
  for (const CampaignSettings& campaign : state->settings().campaigns) {
    if (campaign.recipe != RecipeKind::kUserPersonalization || campaign.weights) continue;
    pupils_.emplace_back(campaign);
  }
}

Applied Learner::Apply(const StampedEntry& entry) {
  if (IsLesson(entry)) TakeLesson(std::get<Event>(entry.entry));
  return state_->Apply(entry);
}

bool Learner::IsLesson(const StampedEntry& entry) const {
  const std::uint64_t rarest = state_->settings().events_per_lesson;
  if (rarest == 0 || pupils_.empty()) return false;
  const std::uint64_t one_in =
      std::min(std::max(kOftenest, state_->event_count() / kLessonsAtFirst), rarest);
  if (HashOf(state_->event_count()) % one_in != 0) return false;
  return std::holds_alternative<Event>(entry.entry) && !state_->IsPassedOver(entry);
}

void Learner::TakeLesson(const Event& event) {
  if (WeightOf(state_->settings().event_weights, event) == 0) return;
  const ItemId chosen = state_->catalog().Find(event.item_id);
  if (!chosen.valid()) return;
  const UserPersonalization& pupil = pupils_[HashOf(~state_->event_count()) % pupils_.size()];
  const Query query{.visitor = VisitorOf(event)};
  const SessionId present = state_->FindSession(query.visitor);
  // What is heard of late was not chosen after what the visitor does now.
  if (present.valid() && event.time_ms < state_->sessions().LastTimeMs(present)) return;
  if (auto gradient = pupil.Lesson(*state_, query, chosen, &room_)) {
    state_->Teach(pupil.name(), *gradient);
  }
}

}  // namespace freshet::core
