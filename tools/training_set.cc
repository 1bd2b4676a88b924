#include "tools/training_set.h"

#include <algorithm>
#include <cctype>
#include <type_traits>
#include <utility>
#include <variant>

namespace freshet::tools {
namespace {

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

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
  Record(&rows_[UserOf(event)], {0, item->second, strength, event.time_ms});
}

float TrainingSetBuilder::StrengthOf(const core::Event& event) const {
  if (feedback_ == core::FeedbackKind::kExplicit) {
    return static_cast<float>(event.value.value_or(0));
  }
  std::uint32_t weight = weights_.other;
  for (const auto& [type, its_weight] : weights_.by_type) {
    if (EqualIgnoringCase(type, event.event_type)) weight = its_weight;
  }
  return static_cast<float>(weight);
}

std::uint32_t TrainingSetBuilder::UserOf(const core::Event& event) {
  if (event.user_id.empty()) return RowOf(true, event.session_id);
  const std::uint32_t user = RowOf(false, event.user_id);
  if (const auto visitor = visitors_.find(event.session_id); visitor != visitors_.end()) {
    for (const auto& [item, pair] : std::exchange(rows_[visitor->second].pairs, {})) {
      Record(&rows_[user], pair);
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

void TrainingSetBuilder::Record(Row* row, const TrainingPair& pair) const {
  const auto [known, is_new] = row->pairs.emplace(pair.item, pair);
  if (is_new) return;
  TrainingPair& old = known->second;
  if (feedback_ == core::FeedbackKind::kImplicit) {
    old.strength = std::max(old.strength, pair.strength);
  } else if (pair.time_ms >= old.time_ms) {
    old.strength = pair.strength;
  }
  old.time_ms = std::max(old.time_ms, pair.time_ms);
}

TrainingSet TrainingSetBuilder::Take() {
  TrainingSet set;
  set.events = events_;
  for (Row& row : rows_) {
    const auto user = static_cast<std::uint32_t>(set.user_ids.size());
    const std::size_t first = set.pairs.size();
    for (const auto& [item, pair] : row.pairs) {
      if (!item_ids_[item].empty()) set.pairs.push_back({user, item, pair.strength, pair.time_ms});
    }
    std::sort(set.pairs.begin() + static_cast<std::ptrdiff_t>(first), set.pairs.end(),
              [](const TrainingPair& a, const TrainingPair& b) { return a.item < b.item; });
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
    for (const core::History::Entry& entry : users.HistoryOf(user).entries()) {
      if (entry.weight == 0 || !catalog.IsLive(entry.item)) continue;
      set.pairs.push_back({slot, entry.item.value, static_cast<float>(entry.weight),
                           std::int64_t{entry.time_s} * 1000});
    }
  }
  set.events = set.pairs.size();
  DropUnused(&set);
  return set;
}

}  // namespace freshet::tools
