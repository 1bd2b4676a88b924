#include "core/users.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/bytes.h"
#include "core/column_codec.h"
#include "core/heap_bytes.h"
#include "core/validate.h"

namespace freshet::core {
namespace {

constexpr std::uint8_t kUserVersion = 1;
constexpr std::uint8_t kHistoryVersion = 1;

// The name under which a user stands in the dictionary: the kind as one character, then the name.
// On the stack, because every query by user looks one up.
class DictionaryName {
 public:
  // REQUIRES: name.size() <= kMaximumIdBytes.
  DictionaryName(UserKind kind, std::string_view name) : size_(name.size() + 1) {
    text_[0] = kind == UserKind::kNamed ? 'u' : 'v';
    std::copy(name.begin(), name.end(), text_.begin() + 1);
  }
  operator std::string_view() const {  // NOLINT(google-explicit-constructor)
    return {text_.data(), size_};
  }

 private:
  std::array<char, kMaximumIdBytes + 1> text_;
  std::size_t size_;
};

}  // namespace

UserId Users::Find(UserKind kind, std::string_view name) const {
  if (name.size() > kMaximumIdBytes) return {};
  return UserId{names_.Find(DictionaryName(kind, name))};
}

void Users::PrefetchName(UserKind kind, std::string_view name) const {
  if (name.size() <= kMaximumIdBytes) names_.PrefetchCell(DictionaryName(kind, name));
}

UserId Users::Add(UserKind kind, std::string_view name) {
  auto slot = static_cast<std::uint32_t>(users_.size());
  if (!free_slots_.empty()) {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  changed_users_.Mark(slot);
  User& user = At(slot);
  user.kind = kind;
  names_.Insert(DictionaryName(kind, name), slot);
  return UserId{slot};
}

void Users::Erase(UserId user) {
  changed_users_.Mark(user.value);
  changed_histories_.Mark(user.value);
  history_bytes_ -= users_[user.value].history.bytes();
  users_[user.value] = User();
  names_.Erase(user.value);
  recency_.Remove(user.value);
  free_slots_.push_back(user.value);
}

void Users::Touch(UserId user, std::uint64_t touch) {
  changed_histories_.Mark(user.value);
  recency_.Touch(user.value, touch);
}

History::Touch Users::Record(UserId user, ItemId item, std::uint32_t weight, std::uint32_t time_s) {
  changed_histories_.Mark(user.value);
  History& history = users_[user.value].history;
  const std::size_t before = history.bytes();
  const History::Touch touch =
      history.Record(item, weight, time_s, settings_.maximum_history_items);
  history_bytes_ += history.bytes() - before;
  return touch;
}

void Users::SetColumns(UserId user, std::vector<Column> columns) {
  changed_users_.Mark(user.value);
  users_[user.value].columns = std::move(columns);
  users_[user.value].described = true;
}

void Users::SetPresentSession(UserId user, SessionId session) {
  changed_histories_.Mark(user.value);
  users_[user.value].session = session;
}

std::string_view Users::Name(UserId user) const { return names_.Name(user.value).substr(1); }

std::size_t Users::bytes() const {
  return names_.bytes() + ArrayBytesOf(users_) + recency_.bytes() + history_bytes_;
}

void Users::TakeChangedRows(RowTaking* taking) {
  taking->Begin(&changed_users_, [this, rows = taking->rows()](std::uint32_t slot) {
    if (!IsLive(UserId{slot})) {
      rows->Delete(Table::kUsers, SlotKey(slot));
      return;
    }
    const User& user = users_[slot];
    rows->Encode(Table::kUsers, SlotKey(slot), [&](ByteWriter* writer) {
      writer->Number(kUserVersion);
      writer->Number(static_cast<std::uint8_t>(user.kind));
      writer->String(Name(UserId{slot}));
      writer->Number(static_cast<std::uint8_t>(user.described));
      EncodeColumns(user.columns, writer);
    });
  });
  taking->Begin(&changed_histories_, [this, rows = taking->rows()](std::uint32_t slot) {
    if (!IsLive(UserId{slot})) {
      rows->Delete(Table::kHistories, SlotKey(slot));
      return;
    }
    rows->Encode(Table::kHistories, SlotKey(slot), [&](ByteWriter* writer) {
      writer->Number(kHistoryVersion);
      writer->Number(recency_.TouchOf(slot));
      writer->Number(users_[slot].session.value);
      users_[slot].history.Encode(writer);
    });
  });
}

Status Users::LoadUser(std::string_view key, std::string_view value) {
  std::uint32_t slot = 0;
  ByteReader reader(value);
  if (!ParseSlotKey(key, &slot) || reader.Number<std::uint8_t>() != kUserVersion) {
    return Corruption("users: a row of an unknown form");
  }
  User& user = At(slot);
  user.kind = static_cast<UserKind>(reader.Number<std::uint8_t>());
  const std::string_view name = reader.String();
  user.described = reader.Number<std::uint8_t>() != 0;
  const bool has_columns = DecodeColumns(&reader, &user.columns);
  if (!has_columns || !reader.done() || user.kind > UserKind::kVisitor || name.empty() ||
      name.size() > kMaximumIdBytes || Find(user.kind, name).valid() ||
      !names_.Name(slot).empty()) {
    return Corruption("users: the row of slot " + std::to_string(slot) + " is damaged");
  }
  names_.Insert(DictionaryName(user.kind, name), slot);
  return {};
}

Status Users::LoadHistory(std::string_view key, std::string_view value) {
  std::uint32_t slot = 0;
  ByteReader reader(value);
  if (!ParseSlotKey(key, &slot) || reader.Number<std::uint8_t>() != kHistoryVersion) {
    return Corruption("histories: a row of an unknown form");
  }
  User& user = At(slot);
  const auto touch = reader.Number<std::uint64_t>();
  user.session = SessionId{reader.Number<std::uint32_t>()};
  user.history.Decode(&reader);
  if (!reader.done() || recency_.Contains(slot)) {
    return Corruption("histories: the row of slot " + std::to_string(slot) + " is damaged");
  }
  recency_.Restore(slot, touch);
  history_bytes_ += user.history.bytes();
  return {};
}

Status Users::FinishLoad() {
  recency_.FinishLoad();
  for (std::uint32_t slot = slot_count(); slot-- > 0;) {
    const bool named = !names_.Name(slot).empty();
    if (named != IsLive(UserId{slot})) {
      return Corruption("users: slot " + std::to_string(slot) + " has a user or a history only");
    }
    if (!named) free_slots_.push_back(slot);
  }
  return {};
}

Users::User& Users::At(std::uint32_t slot) {
  if (slot >= users_.size()) users_.resize(static_cast<std::size_t>(slot) + 1);
  return users_[slot];
}

}  // namespace freshet::core
