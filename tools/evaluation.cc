#include "tools/evaluation.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace freshet::tools {
namespace {

constexpr std::uint64_t kEntriesBetweenProgress = 1024;

std::string_view SessionOf(const core::Event& event) {
  return event.session_id.empty() ? event.user_id : event.session_id;
}

// When the log of a running daemon would have received the entry.
std::int64_t ReceivedMs(const core::LogEntry& entry, std::int64_t clock_ms) {
  const auto* event = std::get_if<core::Event>(&entry);
  return event == nullptr ? clock_ms : event->time_ms;
}

}  // namespace

void NextItemRanks::Add(core::Place place) {
  ++asked;
  if (!place) return;
  ++hits;
  reciprocal_sum += 1.0 / static_cast<double>(*place + 1);
}

double NextItemRanks::HitRate() const {
  return asked == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(asked);
}

double NextItemRanks::MeanReciprocalRank() const {
  return asked == 0 ? 0 : reciprocal_sum / static_cast<double>(asked);
}

Evaluation::Evaluation(const Options& options)
    : options_(options), campaign_(options.campaign), state_(options.learning), learner_(&state_) {}

void Evaluation::Prequential(std::span<const core::LogEntry> log, std::size_t from,
                             const Progress& progress) {
  for (std::size_t i = 0; i < log.size(); ++i) {
    const auto* event = std::get_if<core::Event>(&log[i]);
    if (i >= from && event != nullptr) AskBefore(*event);
    Learn(log[i]);
    if (progress && learned_ % kEntriesBetweenProgress == 0) progress(learned_);
  }
}

void Evaluation::AskBefore(const core::Event& event) {
  const auto place = core::AskForNextItem(state_, campaign_, event, options_.count, &scratch_);
  if (!place) return;
  NoteRecommended();
  ranks_.Add(*place);
}

void Evaluation::NextClick(std::span<const core::LogEntry> log,
                           std::span<const core::LogEntry> test, const Progress& progress) {
  for (const core::LogEntry& entry : log) {
    Learn(entry);
    if (progress && learned_ % kEntriesBetweenProgress == 0) progress(learned_);
  }
  std::map<std::string_view, std::vector<core::ItemId>> sessions;
  std::uint64_t done = learned_;
  for (const core::LogEntry& entry : test) {
    if (progress && ++done % kEntriesBetweenProgress == 0) progress(done);
    const auto* event = std::get_if<core::Event>(&entry);
    if (event == nullptr) continue;
    const auto [known, is_first] = sessions.try_emplace(SessionOf(*event));
    std::vector<core::ItemId>& items = known->second;
    const core::ItemId next = state_.catalog().Find(event->item_id);
    if (!is_first) {
      core::Query query{.touched = items, .count = options_.count};
      if (!items.empty() && campaign_.settings().recipe == core::RecipeKind::kSimilarItems) {
        query.item = state_.catalog().Name(items.back());
      }
      Ask(query, next);
    }
    if (next.valid()) items.push_back(next);
  }
}

void Evaluation::Learn(const core::LogEntry& entry) {
  learner_.Apply({{0, learned_}, ReceivedMs(entry, state_.clock_ms()), entry});
  ++learned_;
}

void Evaluation::Ask(const core::Query& query, core::ItemId next) {
  core::Recommend(state_, campaign_.recipe(), query, &scratch_);
  NoteRecommended();
  const auto& answer = scratch_.answer;
  const auto met = std::find_if(answer.begin(), answer.end(),
                                [&](const core::AnswerItem& one) { return one.item == next; });
  ranks_.Add(met == answer.end() ? core::Place()
                                 : core::Place(static_cast<std::size_t>(met - answer.begin())));
}

void Evaluation::NoteRecommended() {
  recommended_.resize(state_.catalog().slot_count());
  for (const core::AnswerItem& item : scratch_.answer) recommended_[item.item.value] = true;
}

EvaluationResult Evaluation::result() const {
  return {ranks_, learned_,
          static_cast<std::uint64_t>(std::count(recommended_.begin(), recommended_.end(), true)),
          state_.catalog().live_count(), state_.blends().Of(options_.campaign.name)};
}

}  // namespace freshet::tools
