#include "core/rows.h"

namespace freshet::core {

std::string_view TableName(Table table) {
  switch (table) {
    case Table::kMeta:
      return "meta";
    case Table::kItems:
      return "items";
    case Table::kPopularity:
      return "popularity";
    case Table::kUsers:
      return "users";
    case Table::kHistories:
      return "histories";
    case Table::kSessions:
      return "sessions";
    case Table::kPairs:
      return "pairs";
    case Table::kBaskets:
      return "baskets";
    case Table::kEventIds:
      return "event_ids";
    case Table::kPostings:
      return "postings";
    case Table::kSuccessions:
      return "successions";
    case Table::kBlends:
      return "blends";
    case Table::kExposures:
      return "exposures";
    case Table::kAudiences:
      return "audiences";
    case Table::kDeletions:
      return "deletions";
  }
  return "meta";
}

void RowBatch::Put(Table table, std::string_view key, std::string_view value) {
  Add(table, key, value, false);
}

void RowBatch::Delete(Table table, std::string_view key) { Add(table, key, {}, true); }

void RowBatch::Clear() {
  bytes_.clear();
  rows_.clear();
}

void RowBatch::Add(Table table, std::string_view key, std::string_view value, bool deleted) {
  rows_.push_back({bytes_.size(), static_cast<std::uint32_t>(key.size()),
                   static_cast<std::uint32_t>(value.size()), table, deleted});
  bytes_.append(key);
  bytes_.append(value);
}

std::string SlotKey(std::uint32_t slot) {
  std::string key(4, '\0');
  for (std::size_t i = 0; i < 4; ++i) key[i] = static_cast<char>(slot >> (24 - 8 * i));
  return key;
}

std::string NamedSlotKey(std::string_view prefix, std::uint32_t slot) {
  std::string key(prefix);
  key.push_back('\0');
  return key + SlotKey(slot);
}

bool ParseSlotKey(std::string_view key, std::uint32_t* slot) {
  if (key.size() != 4) return false;
  *slot = 0;
  for (const char c : key) *slot = (*slot << 8) | static_cast<unsigned char>(c);
  return true;
}

bool ParseNamedSlotKey(std::string_view key, std::string_view* prefix, std::uint32_t* slot) {
  if (key.size() < 5 || key[key.size() - 5] != '\0') return false;
  *prefix = key.substr(0, key.size() - 5);
  return ParseSlotKey(key.substr(key.size() - 4), slot);
}

}  // namespace freshet::core
