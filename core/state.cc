#include "core/state.h"

#include <algorithm>
#include <utility>

#include "core/ascii.h"
#include "core/bytes.h"
#include "core/demand_change.h"

namespace freshet::core {
namespace {

constexpr std::uint8_t kMetaVersion = 1;
constexpr std::string_view kCountersKey = "counters";
constexpr std::string_view kTotalsPrefix = "totals:";
constexpr std::string_view kSuccessionsKey = "successions";
constexpr std::size_t kMaximumRememberedTypes = 1000;

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [name](const std::string& one) { return EqualIgnoringCase(one, name); });
}

std::uint32_t Seconds(std::int64_t time_ms) { return static_cast<std::uint32_t>(time_ms / 1000); }

}  // namespace

State::State(Settings settings)
    : settings_(std::move(settings)),
      catalog_(settings_),
      popularity_(settings_, catalog_),
      users_(settings_),
      sessions_(settings_),
      session_index_(settings_),
      successions_(settings_),
      content_(settings_),
      audiences_(settings_),
      event_ids_(settings_),
      deleted_items_("items", settings_),
      deleted_users_("users", settings_),
      deleted_visitors_("visitors", settings_) {
  for (const PairTableSettings& table : settings_.pair_tables) {
    pair_tables_.emplace_back(table, catalog_);
  }
}

Applied State::Apply(const StampedEntry& stamp) {
  changed_ = true;
  const auto* event = std::get_if<Event>(&stamp.entry);
  if (event != nullptr && !event->event_id.empty() &&
      !event_ids_.Insert(event->event_id, stamp.received_ms)) {
    return Applied::kDuplicate;
  }
  ++entry_count_;
  if (const Deletion* deletion = DeletionAfter(stamp)) {
    EraseVisitorOf(*event, *deletion);
    return Applied::kErased;
  }
  std::visit([&](const auto& entry) { ApplyOne(entry, stamp); }, stamp.entry);
  return Applied::kLearned;
}

void State::ApplyOne(const Event& event, const StampedEntry& stamp) {
  const std::int64_t time_ms = TimeOf(event, stamp.received_ms);
  const EventType& type = TypeOf(event.event_type);
  const SessionId named = event.session_id.empty() ? SessionId{} : sessions_.Find(event.session_id);
  const UserId owner = OwnerOf(event, named);
  const SessionId session = SessionOf(event, named, owner, time_ms);
  clock_ms_ = std::max(clock_ms_, time_ms);
  ++event_count_;
  if (IsOfDeletedItem(event, stamp)) {
    sessions_.Touch(session, time_ms, entry_count_);
    NotePresent(owner, session);
    return;
  }
  const ItemId item = TouchItem(event.item_id, time_ms);
  const std::size_t place = PlaceIn(session, time_ms);

  const std::uint32_t weight = type.weight.Of(event.value);
  const History::Touch touch = users_.Record(owner, item, weight, Seconds(time_ms));
  if (!event.impression.empty() || !event.recommendation_id.empty()) {
    CountExposures(event, item, weight > 0);
  }
  // What was only seen is in the user's history and speaks for nothing.
  if (weight == 0) {
    sessions_.Touch(session, time_ms, entry_count_);
    NotePresent(owner, session);
    return;
  }
  successions_.Insert(sessions_.Items(session), place, item);
  sessions_.Record(session, item, place, time_ms, entry_count_);
  NotePresent(owner, session);
  session_index_.Add(item, sessions_.Number(session));
  const DemandChange demand = DemandChangeOf(touch, settings_);
  popularity_.Count(item, demand, time_ms, touch.before.weight == 0);
  for (std::size_t i = 0; i < pair_tables_.size(); ++i) {
    if (!type.in_table[i]) continue;
    const bool by_user = pair_tables_[i].settings().scope == BasketScope::kUser;
    pair_tables_[i].Touch(by_user ? owner.value : session.value, item, weight, time_ms);
  }
  audiences_.Count(users_.Columns(owner), item, demand.over_long, time_ms);
}

const Deletion* State::DeletionAfter(const StampedEntry& entry) const {
  const auto* event = std::get_if<Event>(&entry.entry);
  if (event == nullptr) return nullptr;
  return event->user_id.empty() ? deleted_visitors_.After(event->session_id, entry)
                                : deleted_users_.After(event->user_id, entry);
}

void State::EraseVisitorOf(const Event& event, const Deletion& deletion) {
  if (event.user_id.empty() || event.session_id.empty()) return;
  deleted_visitors_.NoteAlso(event.session_id, deletion, entry_count_);
  const UserId visitor = users_.Find(UserKind::kVisitor, event.session_id);
  if (visitor.valid()) EraseUser(visitor, /*retract=*/true);
}

bool State::IsOfDeletedItem(const Event& event, const StampedEntry& stamp) const {
  // A live item was not deleted, or is put again: only what was logged before that matters.
  if (catalog_.Find(event.item_id).valid()) {
    return deleted_items_.After(event.item_id, stamp) != nullptr;
  }
  const Deletion* deletion = deleted_items_.Find(event.item_id);
  return deletion != nullptr && (!deletion->is_over || deletion->IsAfter(stamp));
}

void State::CountExposures(const Event& event, ItemId item, bool chosen) {
  for (const std::string& name : event.impression) {
    const ItemId shown = catalog_.Find(name);
    if (catalog_.IsDescribed(shown)) exposures_.CountShown(shown);
  }
  const bool was_shown = !event.recommendation_id.empty() ||
                         std::find(event.impression.begin(), event.impression.end(),
                                   event.item_id) != event.impression.end();
  if (chosen && was_shown && catalog_.IsDescribed(item)) exposures_.CountChosen(item);
}

void State::ApplyOne(const PutItem& put, const StampedEntry& stamp) {
  if (deleted_items_.After(put.item_id, stamp) != nullptr) return;
  deleted_items_.End(put.item_id);
  // Without a creation time an item is as old as the newest event, as Personalize has it.
  const ItemId item = TouchItem(put.item_id, clock_ms_ > 0 ? clock_ms_ : stamp.received_ms);
  popularity_.BeforeCategoriesChange(item);
  if (catalog_.IsDescribed(item)) arrivals_.Erase(item, catalog_.CreatedMs(item));
  catalog_.SetColumns(item, put.columns);
  arrivals_.Add(item, catalog_.CreatedMs(item));
  popularity_.AfterCategoriesChange(item);
  content_.Describe(item, put.columns);
}

void State::ApplyOne(const DeleteItem& erase, const StampedEntry& stamp) {
  if (!deleted_items_.Note(erase.item_id, stamp, entry_count_)) return;
  if (const ItemId item = catalog_.Find(erase.item_id); item.valid()) EraseItem(item);
}

void State::ApplyOne(const PutUser& put, const StampedEntry& stamp) {
  if (deleted_users_.After(put.user_id, stamp) != nullptr) return;
  users_.SetColumns(TouchUser(UserKind::kNamed, put.user_id), put.columns);
}

void State::ApplyOne(const DeleteUser& erase, const StampedEntry& stamp) {
  if (!deleted_users_.Note(erase.user_id, stamp, entry_count_)) return;
  const UserId user = users_.Find(UserKind::kNamed, erase.user_id);
  if (!user.valid()) return;
  // What the user did in these sessions before the login may be still to come.
  const Deletion deletion{stamp.received_ms, stamp.position.partition};
  for (SessionId one = sessions_.NewestOf(user); one.valid(); one = sessions_.Older(one)) {
    const std::string_view name = sessions_.Name(one);
    if (!name.empty()) deleted_visitors_.NoteAlso(name, deletion, entry_count_);
  }
  EraseUser(user, /*retract=*/true);
}

const State::EventType& State::TypeOf(std::string_view name) {
  for (const EventType& type : event_types_) {
    if (EqualIgnoringCase(type.name, name)) return type;
  }
  // Types are few in any honest stream; a client that sends a new one each time must not fill
  // memory.
  if (event_types_.size() >= kMaximumRememberedTypes) event_types_.clear();
  EventType type{std::string(name), TypeWeightOf(settings_.event_weights, name), {}};
  std::transform(type.name.begin(), type.name.end(), type.name.begin(), ToLower);
  for (const Cooccurrence& table : pair_tables_) {
    const std::vector<std::string>& wanted = table.settings().event_types;
    type.in_table.push_back(wanted.empty() || Contains(wanted, name));
  }
  return event_types_.emplace_back(std::move(type));
}

std::int64_t State::TimeOf(const Event& event, std::int64_t received_ms) const {
  return std::min(event.time_ms, received_ms + settings_.maximum_future_ms);
}

ItemId State::TouchItem(std::string_view name, std::int64_t time_ms) {
  if (catalog_.live_count() >= settings_.maximum_items && !catalog_.Find(name).valid()) {
    EraseItem(popularity_.LongestIdle());
    ++evictions_.items;
  }
  const ItemId item = catalog_.FindOrAdd(name, time_ms);
  popularity_.Touch(item, entry_count_);
  return item;
}

UserId State::TouchUser(UserKind kind, std::string_view name) {
  UserId user = users_.Find(kind, name);
  if (!user.valid()) {
    if (users_.IsFull()) {
      EraseUser(users_.LongestIdle(), /*retract=*/false);
      ++evictions_.users;
    }
    user = users_.Add(kind, name);
  }
  users_.Touch(user, entry_count_);
  return user;
}

UserId State::OwnerOf(const Event& event, SessionId named) {
  if (named.valid()) {
    // The usual case of a session under way spares the look-ups by name.
    const UserId owner = sessions_.Owner(named);
    const bool is_owners = users_.Kind(owner) == UserKind::kNamed
                               ? event.user_id.empty() || event.user_id == users_.Name(owner)
                               : event.user_id.empty();
    if (is_owners) {
      users_.Touch(owner, entry_count_);
      return owner;
    }
  }
  if (event.user_id.empty()) return TouchUser(UserKind::kVisitor, event.session_id);
  const UserId user = TouchUser(UserKind::kNamed, event.user_id);
  if (!event.session_id.empty()) {
    const UserId visitor = users_.Find(UserKind::kVisitor, event.session_id);
    if (visitor.valid()) Join(visitor, user);
  }
  return user;
}

void State::Join(UserId visitor, UserId user) {
  const auto entries = users_.HistoryOf(visitor).entries();
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    users_.Record(user, entry->item, entry->weight, entry->time_s);
  }
  for (Cooccurrence& table : pair_tables_) {
    if (table.settings().scope == BasketScope::kUser) table.Join(visitor.value, user.value);
  }
  const SessionId present = users_.PresentSession(visitor);
  sessions_.MoveAll(visitor, user);
  if (present.valid()) NotePresent(user, present);
  EraseUser(visitor, /*retract=*/false);
}

void State::EraseItem(ItemId item) {
  for (Cooccurrence& table : pair_tables_) table.Erase(item);
  session_index_.Erase(item);
  successions_.Erase(item);
  popularity_.Forget(item);
  content_.Forget(item);
  exposures_.Forget(item);
  if (catalog_.IsDescribed(item)) arrivals_.Erase(item, catalog_.CreatedMs(item));
  catalog_.Erase(item);
}

void State::EraseUser(UserId user, bool retract) {
  users_.SetPresentSession(user, SessionId{});
  for (SessionId session = sessions_.NewestOf(user); session.valid();
       session = sessions_.NewestOf(user)) {
    EraseSession(session, retract);
  }
  CloseBaskets(BasketScope::kUser, user.value, retract);
  users_.Erase(user);
}

void State::CloseBaskets(BasketScope scope, std::uint32_t owner_slot, bool retract) {
  for (Cooccurrence& table : pair_tables_) {
    if (table.settings().scope != scope) continue;
    if (retract) {
      table.Retract(owner_slot);
    } else {
      table.Close(owner_slot);
    }
  }
}

const Cooccurrence* State::PairTable(std::string_view name) const {
  const auto table =
      std::find_if(pair_tables_.begin(), pair_tables_.end(),
                   [name](const Cooccurrence& one) { return one.settings().name == name; });
  return table == pair_tables_.end() ? nullptr : &*table;
}

UserId State::FindUser(const Visitor& visitor) const {
  if (!visitor.user.empty()) {
    const UserId user = users_.Find(UserKind::kNamed, visitor.user);
    if (user.valid()) return user;
  }
  for (const std::string_view name : {visitor.session, visitor.user}) {
    const SessionId session = name.empty() ? SessionId{} : sessions_.Find(name);
    if (session.valid()) return sessions_.Owner(session);
  }
  return {};
}

bool State::IsDuplicate(const StampedEntry& entry) const {
  const auto* event = std::get_if<Event>(&entry.entry);
  return event != nullptr && !event->event_id.empty() &&
         event_ids_.Contains(event->event_id, entry.received_ms);
}

Evictions State::evictions() const {
  Evictions all = evictions_;
  for (const Cooccurrence& table : pair_tables_) all.pairs += table.evicted_pairs();
  all.successors += successions_.evicted();
  all.event_ids += event_ids_.evicted();
  return all;
}

std::vector<std::pair<std::string_view, std::size_t>> State::BytesByStructure() const {
  std::size_t pairs = 0;
  for (const Cooccurrence& table : pair_tables_) pairs += table.bytes();
  return {
      {"catalog", catalog_.bytes()},
      {"popularity", popularity_.bytes()},
      {"users", users_.bytes()},
      {"sessions", sessions_.bytes()},
      {"session_index", session_index_.bytes()},
      {"successions", successions_.bytes()},
      {"cooccurrence", pairs},
      {"content", content_.bytes() + arrivals_.bytes() + exposures_.bytes()},
      {"audiences", audiences_.bytes()},
      {"event_ids", event_ids_.bytes()},
      {"deletions", deleted_items_.bytes() + deleted_users_.bytes() + deleted_visitors_.bytes()}};
}

void State::TakeChangedRows(RowTaking* taking) {
  if (!changed_) return;
  changed_ = false;
  catalog_.TakeChangedRows(taking);
  popularity_.TakeChangedRows(taking);
  users_.TakeChangedRows(taking);
  sessions_.TakeChangedRows(taking);
  session_index_.TakeChangedRows(taking);
  successions_.TakeChangedRows(taking);
  blends_.TakeChangedRows(taking);
  exposures_.TakeChangedRows(taking);
  audiences_.TakeChangedRows(taking);
  for (Cooccurrence& table : pair_tables_) table.TakeChangedRows(taking);
  event_ids_.TakeChangedRows(taking);
  deleted_items_.TakeChangedRows(taking);
  deleted_users_.TakeChangedRows(taking);
  deleted_visitors_.TakeChangedRows(taking);
  EncodeMeta(taking->rows());
}

void State::EncodeMeta(RowBatch* rows) const {
  std::string value;
  ByteWriter writer(&value);
  writer.Number(kMetaVersion);
  writer.Number(clock_ms_);
  writer.Number(entry_count_);
  writer.Number(event_count_);
  writer.Number(catalog_.slot_count());
  writer.Number(evictions_.users);
  writer.Number(evictions_.sessions);
  writer.Number(evictions_.items);
  writer.Number(evictions().event_ids);
  writer.Number(sessions_.next_number());
  rows->Put(Table::kMeta, kCountersKey, value);
  for (const Cooccurrence& table : pair_tables_) {
    value.clear();
    table.EncodeTotals(&value);
    rows->Put(Table::kMeta, std::string(kTotalsPrefix) + table.settings().name, value);
  }
  value.clear();
  writer.Number(evictions().successors);
  rows->Put(Table::kMeta, kSuccessionsKey, value);
}

Status State::DecodeMeta(std::string_view key, std::string_view value) {
  if (key.substr(0, kTotalsPrefix.size()) == kTotalsPrefix) {
    const std::string_view name = key.substr(kTotalsPrefix.size());
    for (Cooccurrence& table : pair_tables_) {
      if (table.settings().name == name) return table.DecodeTotals(value);
    }
    return {};
  }
  ByteReader reader(value);
  if (key == kSuccessionsKey) {
    evictions_.successors = reader.Number<std::uint64_t>();
    return reader.done() ? Status() : Corruption("meta: the count of successors is damaged");
  }
  if (key != kCountersKey || reader.Number<std::uint8_t>() != kMetaVersion) {
    return Corruption("meta: a row of an unknown form");
  }
  clock_ms_ = reader.Number<std::int64_t>();
  entry_count_ = reader.Number<std::uint64_t>();
  event_count_ = reader.Number<std::uint64_t>();
  loaded_item_slots_ = reader.Number<std::uint32_t>();
  evictions_.users = reader.Number<std::uint64_t>();
  evictions_.sessions = reader.Number<std::uint64_t>();
  evictions_.items = reader.Number<std::uint64_t>();
  evictions_.event_ids = reader.Number<std::uint64_t>();
  loaded_next_session_ = reader.Number<std::uint64_t>();
  return reader.done() ? Status() : Corruption("meta: the counters are damaged");
}

Status State::LoadRow(Table table, std::string_view key, std::string_view value) {
  switch (table) {
    case Table::kMeta:
      return DecodeMeta(key, value);
    case Table::kItems:
      return catalog_.LoadRow(key, value);
    case Table::kPopularity:
      return popularity_.LoadRow(key, value);
    case Table::kUsers:
      return users_.LoadUser(key, value);
    case Table::kHistories:
      return users_.LoadHistory(key, value);
    case Table::kSessions:
      return sessions_.LoadRow(key, value);
    case Table::kPostings:
      return session_index_.LoadRow(key, value);
    case Table::kSuccessions:
      return successions_.LoadRow(key, value);
    case Table::kBlends:
      return blends_.LoadRow(key, value);
    case Table::kExposures:
      return exposures_.LoadRow(key, value);
    case Table::kAudiences:
      return audiences_.LoadRow(key, value);
    case Table::kEventIds:
      return event_ids_.LoadRow(key, value);
    case Table::kDeletions:
      return LoadDeletion(key, value);
    case Table::kPairs:
    case Table::kBaskets:
      break;
  }
  std::string_view name;
  std::uint32_t slot = 0;
  if (!ParseNamedSlotKey(key, &name, &slot)) {
    return Corruption(std::string(TableName(table)) + ": a key of an unknown form");
  }
  for (Cooccurrence& pairs : pair_tables_) {
    if (pairs.settings().name != name) continue;
    return table == Table::kPairs ? pairs.LoadPairs(slot, value) : pairs.LoadBasket(slot, value);
  }
  return {};
}

Status State::LoadDeletion(std::string_view key, std::string_view value) {
  for (Deletions* deletions : {&deleted_users_, &deleted_visitors_}) {
    if (key.starts_with(std::string(deletions->kind()) + '\0')) {
      return deletions->LoadRow(key, value);
    }
  }
  return deleted_items_.LoadRow(key, value);
}

Status State::FinishLoad() {
  FRESHET_RETURN_IF_ERROR(catalog_.FinishLoad(loaded_item_slots_));
  for (std::uint32_t slot = 0; slot < catalog_.slot_count(); ++slot) {
    const ItemId item{slot};
    if (!catalog_.IsDescribed(item)) continue;
    content_.Describe(item, catalog_.Columns(item));
    arrivals_.Add(item, catalog_.CreatedMs(item));
  }
  FRESHET_RETURN_IF_ERROR(popularity_.FinishLoad());
  FRESHET_RETURN_IF_ERROR(users_.FinishLoad());
  FRESHET_RETURN_IF_ERROR(sessions_.FinishLoad(loaded_next_session_));
  FRESHET_RETURN_IF_ERROR(deleted_items_.FinishLoad());
  FRESHET_RETURN_IF_ERROR(deleted_users_.FinishLoad());
  FRESHET_RETURN_IF_ERROR(deleted_visitors_.FinishLoad());
  return event_ids_.FinishLoad();
}

}  // namespace freshet::core
