#include "core/sessions.h"

#include <algorithm>
#include <utility>

#include "core/bytes.h"
#include "core/heap_bytes.h"

namespace freshet::core {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

SessionId Sessions::Find(std::string_view name) const { return SessionId{names_.Find(name)}; }

SessionId Sessions::Start(std::string_view name, UserId owner) {
  auto slot = static_cast<std::uint32_t>(sessions_.size());
  if (!free_slots_.empty()) {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  changed_.Mark(slot);
  At(slot).number = SessionNumber{next_number()};
  slots_by_number_.push_back(slot);
  if (!name.empty()) names_.Insert(name, slot);
  Link(SessionId{slot}, owner);
  return SessionId{slot};
}

void Sessions::Erase(SessionId session) {
  changed_.Mark(session.value);
  item_bytes_ -= sessions_[session.value].items.heap_bytes();
  Unlink(session);
  ForgetNumber(sessions_[session.value].number);
  sessions_[session.value] = Session();
  if (!names_.Name(session.value).empty()) names_.Erase(session.value);
  recency_.Remove(session.value);
  free_slots_.push_back(session.value);
}

void Sessions::Touch(SessionId session, std::int64_t time_ms, std::uint64_t touch) {
  changed_.Mark(session.value);
  Session& record = sessions_[session.value];
  record.last_ms = std::max(record.last_ms, time_ms);
  recency_.Touch(session.value, touch);
}

void Sessions::Record(SessionId session, ItemId item, std::size_t place, std::int64_t time_ms,
                      std::uint64_t touch) {
  Touch(session, time_ms, touch);
  Session& record = sessions_[session.value];
  const std::span<const ItemId> items = record.items.items();
  if (place > 0 && items[place - 1] == item) return;
  if (place < items.size() && items[place] == item) return;
  const std::size_t before = record.items.heap_bytes();
  if (items.size() >= settings_.maximum_session_items) {
    if (place == 0) return;
    record.items.DropFirst();
    --place;
  }
  record.items.Insert(place, item);
  item_bytes_ += record.items.heap_bytes() - before;
}

void Sessions::SetOwner(SessionId session, UserId owner) {
  changed_.Mark(session.value);
  Unlink(session);
  Link(session, owner);
}

void Sessions::MoveAll(UserId from, UserId to) {
  SessionId newer;
  for (SessionId session = NewestOf(from); session.valid(); session = NewestOf(from)) {
    changed_.Mark(session.value);
    Unlink(session);
    Link(session, to, newer);
    newer = session;
  }
}

std::size_t Sessions::bytes() const {
  return names_.bytes() + ArrayBytesOf(sessions_) + recency_.bytes() + item_bytes_ +
         ArrayBytesOf(newest_of_owner_) + ArrayBytesOf(slots_by_number_);
}

void Sessions::TakeChangedRows(RowTaking* taking) {
  taking->Begin(&changed_, [this, rows = taking->rows()](std::uint32_t slot) {
    if (!IsLive(SessionId{slot})) {
      rows->Delete(Table::kSessions, SlotKey(slot));
      return;
    }
    const Session& session = sessions_[slot];
    rows->Encode(Table::kSessions, SlotKey(slot), [&](ByteWriter* writer) {
      writer->Number(kVersion);
      writer->Number(recency_.TouchOf(slot));
      writer->Number(static_cast<std::uint64_t>(session.number));
      writer->Number(session.owner.value);
      writer->Number(session.last_ms);
      writer->String(names_.Name(slot));
      writer->Varint(session.items.size());
      for (const ItemId item : session.items.items()) writer->Number(item.value);
    });
  });
}

Status Sessions::LoadRow(std::string_view key, std::string_view value) {
  std::uint32_t slot = 0;
  ByteReader reader(value);
  if (!ParseSlotKey(key, &slot) || reader.Number<std::uint8_t>() != kVersion) {
    return Corruption("sessions: a row of an unknown form");
  }
  const auto touch = reader.Number<std::uint64_t>();
  Session& session = At(slot);
  session.number = SessionNumber{reader.Number<std::uint64_t>()};
  const UserId owner{reader.Number<std::uint32_t>()};
  session.last_ms = reader.Number<std::int64_t>();
  const std::string_view name = reader.String();
  const std::uint64_t size = reader.Count(sizeof(std::uint32_t));
  for (std::uint64_t i = 0; i < size && i < ItemList::kMaximumSize; ++i) {
    session.items.Append(ItemId{reader.Number<std::uint32_t>()});
  }
  if (!reader.done() || !owner.valid() || recency_.Contains(slot) ||
      (!name.empty() && names_.Find(name) != Dictionary::kNone)) {
    return Corruption("sessions: the row of slot " + std::to_string(slot) + " is damaged");
  }
  if (!name.empty()) names_.Insert(name, slot);
  item_bytes_ += session.items.heap_bytes();
  recency_.Restore(slot, touch);
  session.owner = owner;
  return {};
}

Status Sessions::FinishLoad(std::uint64_t next_number) {
  recency_.FinishLoad();
  first_number_ = next_number;
  for (std::uint32_t slot = slot_count(); slot-- > 0;) {
    if (!IsLive(SessionId{slot})) {
      free_slots_.push_back(slot);
      continue;
    }
    first_number_ = std::min(first_number_, static_cast<std::uint64_t>(sessions_[slot].number));
  }
  if (next_number - first_number_ > UINT32_MAX) {
    return Corruption("sessions: the numbers " + std::to_string(first_number_) + " and " +
                      std::to_string(next_number) + " lie too far apart");
  }
  slots_by_number_.assign(next_number - first_number_, SessionId::kNone);
  for (std::uint32_t slot = 0; slot < slot_count(); ++slot) {
    if (!IsLive(SessionId{slot})) continue;
    const std::uint64_t index = static_cast<std::uint64_t>(sessions_[slot].number) - first_number_;
    if (index >= slots_by_number_.size() || slots_by_number_[index] != SessionId::kNone) {
      return Corruption("sessions: the number of slot " + std::to_string(slot) + " is damaged");
    }
    slots_by_number_[index] = slot;
  }
  for (const std::uint32_t slot : slots_by_number_) {
    if (slot != SessionId::kNone) Link(SessionId{slot}, sessions_[slot].owner);
  }
  const auto dead = std::find(slots_by_number_.rbegin(), slots_by_number_.rend(), SessionId::kNone);
  live_from_number_ = first_number_ + static_cast<std::uint64_t>(slots_by_number_.rend() - dead);
  return {};
}

// What is dead at the front goes once it is the larger part.
void Sessions::ForgetNumber(SessionNumber number) {
  const auto value = static_cast<std::uint64_t>(number);
  slots_by_number_[value - first_number_] = SessionId::kNone;
  live_from_number_ = std::max(live_from_number_, value + 1);
  while (dead_numbers_ < slots_by_number_.size() &&
         slots_by_number_[dead_numbers_] == SessionId::kNone) {
    ++dead_numbers_;
  }
  if (2 * dead_numbers_ <= slots_by_number_.size()) return;
  slots_by_number_.erase(slots_by_number_.begin(),
                         slots_by_number_.begin() + static_cast<std::ptrdiff_t>(dead_numbers_));
  first_number_ += dead_numbers_;
  dead_numbers_ = 0;
}

Sessions::Session& Sessions::At(std::uint32_t slot) {
  if (slot >= sessions_.size()) sessions_.resize(static_cast<std::size_t>(slot) + 1);
  return sessions_[slot];
}

void Sessions::Link(SessionId session, UserId owner, SessionId newer) {
  if (owner.value >= newest_of_owner_.size()) {
    newest_of_owner_.resize(std::max<std::size_t>(owner.value + 1, newest_of_owner_.size() * 2));
  }
  Session& record = sessions_[session.value];
  SessionId older = newer.valid() ? Older(newer) : newest_of_owner_[owner.value];
  while (older.valid() && Number(older) > record.number) {
    newer = older;
    older = Older(older);
  }
  record.owner = owner;
  record.newer_of_owner = newer;
  record.older_of_owner = older;
  if (older.valid()) sessions_[older.value].newer_of_owner = session;
  (newer.valid() ? sessions_[newer.value].older_of_owner : newest_of_owner_[owner.value]) = session;
}

void Sessions::Unlink(SessionId session) {
  const Session& record = sessions_[session.value];
  const auto [newer, older] = std::pair(record.newer_of_owner, record.older_of_owner);
  if (older.valid()) sessions_[older.value].newer_of_owner = newer;
  (newer.valid() ? sessions_[newer.value].older_of_owner : newest_of_owner_[record.owner.value]) =
      older;
}

}  // namespace freshet::core
