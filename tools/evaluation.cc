#include "tools/evaluation.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/recipes/next_item.h"

namespace freshet::tools {
namespace {

constexpr std::uint64_t kEntriesBetweenProgress = 1024;
constexpr std::uint64_t kEntriesBetweenFoldIns = 1000;
constexpr std::size_t kNewbornItems = 10'000;

const core::Event* EventOf(const core::LogEntry& entry) { return std::get_if<core::Event>(&entry); }

std::string_view SessionOf(const core::Event& event) {
  return event.session_id.empty() ? event.user_id : event.session_id;
}

// When the log of a running daemon would have received the entry.
std::int64_t ReceivedMs(const core::LogEntry& entry, std::int64_t clock_ms) {
  const core::Event* event = EventOf(entry);
  return event == nullptr ? clock_ms : event->time_ms;
}

// Where the events of one visitor stand in a log.
using Places = std::vector<std::size_t>;

// Of each visitor, in order of first appearance.
std::vector<Places> PlacesByVisitor(Evaluation::Log log) {
  std::map<std::string_view, std::size_t> numbers;
  std::vector<Places> visitors;
  for (std::size_t i = 0; i < log.size(); ++i) {
    const core::Event* event = EventOf(log[i]);
    if (event == nullptr) continue;
    const auto [known, is_new] = numbers.try_emplace(core::VisitorOf(*event).user, visitors.size());
    if (is_new) visitors.emplace_back();
    visitors[known->second].push_back(i);
  }
  return visitors;
}

// The share of them that is held out: one at least, but for a visitor with no more.
std::span<const std::size_t> LastOf(const Places& places, double share) {
  if (places.size() < 2) return {};
  const auto wanted = static_cast<std::size_t>(share * static_cast<double>(places.size()));
  return std::span(places).last(std::clamp<std::size_t>(wanted, 1, places.size() - 1));
}

}  // namespace

Evaluation::Evaluation(const Options& options, Progress progress)
    : options_(options),
      progress_(std::move(progress)),
      campaign_(options.campaign),
      state_(options.learning),
      learner_(&state_),
      item_fold_in_(kNewbornItems),
      metrics_(options.count) {}

void Evaluation::Prequential(Log log, std::size_t from) {
  for (std::size_t i = 0; i < log.size(); ++i) {
    const core::Event* event = EventOf(log[i]);
    if (i >= from && event != nullptr) {
      const auto place =
          core::AskForNextItem(state_, campaign_, *event, factors(), options_.count, &scratch_);
      if (place) {
        NoteRecommended();
        metrics_.Add(*place);
        TellAnswer(i);
      }
    }
    Learn(log[i]);
    Done();
  }
}

void Evaluation::Retrained(Log log, std::size_t from, std::optional<std::int64_t> interval_ms) {
  struct Session {
    std::vector<core::ItemId> items;  // those that are known
    std::string_view at;
  };
  std::map<std::string_view, Session> sessions;
  std::size_t next_to_learn = 0;
  std::int64_t turn = 0;
  const auto learn_up_to = [&](std::size_t end) {
    for (; next_to_learn < end; ++next_to_learn) Learn(log[next_to_learn]);
  };
  for (std::size_t i = 0; i < log.size(); ++i) {
    Done();
    const core::Event* event = EventOf(log[i]);
    if (event == nullptr) continue;
    const std::int64_t present = interval_ms ? event->time_ms / *interval_ms : 0;
    if (i <= from || present != turn) learn_up_to(i);
    turn = present;
    Session& session = sessions[SessionOf(*event)];
    if (session.at == event->item_id) continue;
    const core::ItemId next = state_.catalog().Find(event->item_id);
    if (i >= from && !session.at.empty()) AskTold(*event, session.items, next);
    if (next.valid()) session.items.push_back(next);
    session.at = event->item_id;
  }
}

void Evaluation::NextClick(Log log, Log test) {
  for (const core::LogEntry& entry : log) {
    Learn(entry);
    Done();
  }
  SessionItems sessions;
  for (const core::LogEntry& entry : test) {
    Done();
    const core::Event* event = EventOf(entry);
    if (event == nullptr) continue;
    const auto [known, is_first] = sessions.try_emplace(SessionOf(*event));
    const core::ItemId next = state_.catalog().Find(event->item_id);
    if (!is_first) AskTold({}, known->second, next);
    if (next.valid()) known->second.push_back(next);
  }
}

void Evaluation::Continual(std::span<const Log> periods, bool is_live) {
  for (std::size_t p = 0; p < periods.size(); ++p) {
    if (p > 0) {
      const RankingMetrics all = std::exchange(metrics_, RankingMetrics(options_.count));
      AskPeriod(periods[p], is_live);
      periods_.push_back(std::exchange(metrics_, all));
    }
    for (const core::LogEntry& entry : periods[p]) {
      if (p == 0 || !is_live) Learn(entry);
      Done();
    }
  }
}

void Evaluation::AskPeriod(Log period, bool is_live) {
  SessionItems sessions;
  const std::uint32_t known_slots = state_.catalog().slot_count();
  for (const core::LogEntry& entry : period) {
    const core::Event* event = EventOf(entry);
    if (event != nullptr) {
      const core::ItemId next = state_.catalog().Find(event->item_id);
      if (next.valid() && next.value < known_slots) {
        std::vector<core::ItemId>& items = sessions[SessionOf(*event)];
        if (!items.empty()) AskTold(*event, items, next);
        items.push_back(next);
      }
    }
    if (is_live) Learn(entry);
  }
}

void Evaluation::HeldOut(Log log, double share) {
  const std::vector<Places> visitors = PlacesByVisitor(log);
  std::vector<bool> held_out(log.size());
  for (const Places& places : visitors) {
    for (const std::size_t place : LastOf(places, share)) held_out[place] = true;
  }
  for (std::size_t i = 0; i < log.size(); ++i) {
    if (!held_out[i]) Learn(log[i]);
    Done();
  }
  for (const Places& places : visitors) {
    const std::span<const std::size_t> asked = LastOf(places, share);
    if (!asked.empty()) AskHeldOut(log, asked, places[places.size() - asked.size() - 1]);
  }
}

void Evaluation::AskHeldOut(Log log, std::span<const std::size_t> asked, std::size_t last_learned) {
  std::vector<core::ItemId> came;
  std::set<std::string_view> unknown;  // items that nobody else had
  for (const std::size_t place : asked) {
    const auto& event = std::get<core::Event>(log[place]);
    const core::ItemId item = state_.catalog().Find(event.item_id);
    if (!item.valid()) {
      unknown.insert(event.item_id);
    } else if (std::find(came.begin(), came.end(), item) == came.end()) {
      came.push_back(item);
    }
  }
  const auto& last = std::get<core::Event>(log[last_learned]);
  core::Query query{.visitor = core::VisitorOf(last), .count = options_.count};
  if (campaign_.settings().recipe == core::RecipeKind::kSimilarItems) query.item = last.item_id;
  Recommend(query);
  std::vector<core::ItemId> answer;
  for (const core::AnswerItem& one : scratch_.answer) answer.push_back(one.item);
  metrics_.Add(answer, came, unknown.size());
}

void Evaluation::Learn(const core::LogEntry& entry) {
  learner_.Apply({{0, learned_}, ReceivedMs(entry, state_.clock_ms()), entry});
  ++learned_;
  if (learned_ % kEntriesBetweenFoldIns == 0) FoldItemsIn();
}

void Evaluation::FoldItemsIn() {
  const core::ServedFactors* served = options_.factors;
  if (served == nullptr || served->item_fold_in() == nullptr) return;
  while (item_fold_in_.Read(state_, *served)) item_fold_in_.Compute(*served);
  if (item_fold_in_.has_news()) folded_ = served->With(item_fold_in_.Take());
}

void Evaluation::Done() {
  ++done_;
  if (progress_ && done_ % kEntriesBetweenProgress == 0) progress_(done_);
}

void Evaluation::AskTold(const core::Event& event, std::span<const core::ItemId> items,
                         core::ItemId next) {
  core::Query query{
      .visitor = {event.user_id, event.session_id}, .touched = items, .count = options_.count};
  if (!items.empty() && campaign_.settings().recipe == core::RecipeKind::kSimilarItems) {
    query.item = state_.catalog().Name(items.back());
  }
  Recommend(query);
  metrics_.Add(PlaceOf(next));
}

void Evaluation::Recommend(core::Query query) {
  query.factors = factors();
  core::Recommend(state_, campaign_.recipe(), query, &scratch_);
  NoteRecommended();
}

core::Place Evaluation::PlaceOf(core::ItemId item) const {
  const auto& answer = scratch_.answer;
  const auto met = std::find_if(answer.begin(), answer.end(),
                                [&](const core::AnswerItem& one) { return one.item == item; });
  if (met == answer.end()) return std::nullopt;
  return static_cast<std::size_t>(met - answer.begin());
}

void Evaluation::NoteRecommended() {
  recommended_.resize(state_.catalog().slot_count());
  for (const core::AnswerItem& item : scratch_.answer) recommended_[item.item.value] = true;
}

void Evaluation::TellAnswer(std::size_t place_in_log) {
  if (!options_.on_answer) return;
  answered_ids_.clear();
  for (const core::AnswerItem& item : scratch_.answer) {
    answered_ids_.push_back(state_.catalog().Name(item.item));
  }
  options_.on_answer(place_in_log, answered_ids_);
}

EvaluationResult Evaluation::result() const {
  return {metrics_,
          periods_,
          learned_,
          static_cast<std::uint64_t>(std::count(recommended_.begin(), recommended_.end(), true)),
          state_.catalog().live_count(),
          state_.blends().Of(options_.campaign.name)};
}

}  // namespace freshet::tools
