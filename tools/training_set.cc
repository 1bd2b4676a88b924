#include "tools/training_set.h"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "core/event_weight.h"

namespace freshet::tools {
namespace {

// Histories do not tell shorter times apart.
std::int64_t Seconds(const TrainingPair& pair) { return pair.time_ms / 1000; }

// Numbers rows and items anew, without those that no pair names.
void DropUnused(TrainingSet* set) {
  const auto drop = [&](std::vector<std::string>* ids, std::uint32_t TrainingPair::*which) {
    constexpr std::uint32_t kUnused = 0xffffffff;
    std::vector<std::uint32_t> numbers(ids->size(), kUnused);
    for (const TrainingPair& pair : set->pairs) numbers[pair.*which] = 0;
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < ids->size(); ++i) {
      if (numbers[i] == kUnused) continue;
      numbers[i] = static_cast<std::uint32_t>(kept.size());
      kept.push_back(std::move((*ids)[i]));
    }
    *ids = std::move(kept);
    for (TrainingPair& pair : set->pairs) pair.*which = numbers[pair.*which];
  };
  drop(&set->user_ids, &TrainingPair::user);
  drop(&set->item_ids, &TrainingPair::item);
}

}  // namespace

void TrainingSetBuilder::Add(const core::LogEntry& entry) {
  if (const auto* event = std::get_if<core::Event>(&entry)) {
    AddEvent(*event);
  } else if (const auto* item = std::get_if<core::DeleteItem>(&entry)) {
    // The number is not given again: whoever names it has a pair with a dead item.
    const auto at = items_.find(item->item_id);
    if (at == items_.end()) return;
    item_ids_[at->second].clear();
    items_.erase(at);
  } else if (const auto* user = std::get_if<core::DeleteUser>(&entry)) {
    const auto at = users_.find(user->user_id);
    if (at != users_.end()) rows_[at->second].pairs.clear();
  }
}

void TrainingSetBuilder::AddEvent(const core::Event& event) {
  const float strength = StrengthOf(event);
  if (strength == 0) return;
  ++events_;
  const auto [item, is_new] =
      items_.emplace(event.item_id, static_cast<std::uint32_t>(item_ids_.size()));
  if (is_new) item_ids_.push_back(event.item_id);
  Record(&rows_[UserOf(event)], {{0, item->second, strength, event.time_ms}, events_});
}

float TrainingSetBuilder::StrengthOf(const core::Event& event) const {
  if (feedback_ == core::FeedbackKind::kExplicit) {
    return static_cast<float>(event.value.value_or(0));
  }
  return static_cast<float>(core::WeightOf(weights_, event));
}

std::uint32_t TrainingSetBuilder::UserOf(const core::Event& event) {
  if (event.user_id.empty()) return RowOf(true, event.session_id);
  const std::uint32_t user = RowOf(false, event.user_id);
  if (const auto visitor = visitors_.find(event.session_id); visitor != visitors_.end()) {
    for (const auto& [item, known] : std::exchange(rows_[visitor->second].pairs, {})) {
      Record(&rows_[user], known);
    }
    visitors_.erase(visitor);
  }
  return user;
}

std::uint32_t TrainingSetBuilder::RowOf(bool is_visitor, const std::string& id) {
  auto& rows = is_visitor ? visitors_ : users_;
  const auto [row, is_new] = rows.emplace(id, static_cast<std::uint32_t>(rows_.size()));
  if (is_new) rows_.push_back({id, is_visitor, {}});
  return row->second;
}

void TrainingSetBuilder::Record(Row* row, const Known& touch) const {
  const TrainingPair& pair = touch.pair;
  const auto [known, is_new] = row->pairs.emplace(pair.item, touch);
  if (is_new) return;
  TrainingPair& old = known->second.pair;
  if (Seconds(pair) > Seconds(old)) known->second.event = touch.event;
  if (feedback_ == core::FeedbackKind::kImplicit) {
    old.strength = std::max(old.strength, pair.strength);
  } else if (pair.time_ms >= old.time_ms) {
    old.strength = pair.strength;
  }
  old.time_ms = std::max(old.time_ms, pair.time_ms);
}

std::vector<TrainingPair> TrainingSetBuilder::PairsOf(const Row& row) const {
  std::vector<Known> newest_first;
  for (const auto& [item, known] : row.pairs) {
    if (!item_ids_[item].empty()) newest_first.push_back(known);
  }
  std::ranges::sort(newest_first, [](const Known& a, const Known& b) {
    return Seconds(a.pair) != Seconds(b.pair) ? Seconds(a.pair) > Seconds(b.pair)
                                              : a.event > b.event;
  });
  std::vector<TrainingPair> pairs;
  for (const Known& known : newest_first) {
    pairs.push_back(known.pair);
    pairs.back().newer = static_cast<std::uint32_t>(pairs.size() - 1);
  }
  std::ranges::sort(pairs, {}, &TrainingPair::item);
  return pairs;
}

TrainingSet TrainingSetBuilder::Take() {
  TrainingSet set;
  set.events = events_;
  for (Row& row : rows_) {
    const auto user = static_cast<std::uint32_t>(set.user_ids.size());
    for (TrainingPair& pair : PairsOf(row)) {
      pair.user = user;
      set.pairs.push_back(pair);
    }
    set.user_ids.push_back(row.is_visitor ? std::string() : std::move(row.id));
  }
  set.item_ids = std::move(item_ids_);
  DropUnused(&set);
  return set;
}

TrainingSet TrainingSetOf(const core::State& state) {
  TrainingSet set;
  const core::Catalog& catalog = state.catalog();
  for (std::uint32_t slot = 0; slot < catalog.slot_count(); ++slot) {
    const core::ItemId item{slot};
    set.item_ids.emplace_back(catalog.IsLive(item) ? catalog.Name(item) : std::string_view());
  }
  const core::Users& users = state.users();
  for (std::uint32_t slot = 0; slot < users.slot_count(); ++slot) {
    const core::UserId user{slot};
    const bool is_named = users.IsLive(user) && users.Kind(user) == core::UserKind::kNamed;
    set.user_ids.emplace_back(is_named ? users.Name(user) : std::string_view());
    if (!users.IsLive(user)) continue;
    std::uint32_t newer = 0;
    for (const core::History::Entry& entry : users.HistoryOf(user).entries()) {
      if (entry.weight == 0 || !catalog.IsLive(entry.item)) continue;
      set.pairs.push_back({slot, entry.item.value, static_cast<float>(entry.weight),
                           std::int64_t{entry.time_s} * 1000, newer++});
    }
  }
  set.events = set.pairs.size();
  DropUnused(&set);
  return set;
}

core::Interactions InteractionsOf(const TrainingSet& set, std::span<const TrainingPair> pairs,
                                  const core::Recency& recency) {
  std::vector<TrainingPair> newest_first(pairs.begin(), pairs.end());
  std::ranges::sort(newest_first, [](const TrainingPair& a, const TrainingPair& b) {
    return a.user != b.user ? a.user < b.user : a.newer < b.newer;
  });
  std::vector<core::Interaction> interactions;
  interactions.reserve(pairs.size());
  std::size_t newer = 0;
  for (const TrainingPair& pair : newest_first) {
    const bool is_same = !interactions.empty() && interactions.back().row == pair.user;
    newer = is_same ? newer + 1 : 0;
    interactions.push_back({pair.user, pair.item, pair.strength * recency.Of(newer)});
  }
  return core::Interactions::Build(set.user_ids.size(), set.item_ids.size(), interactions);
}

}  // namespace freshet::tools
