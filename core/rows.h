// Rows: state in the form in which it is stored. State turns what changed into rows and takes rows
// back at start; it does not know where they are kept, and the store does not know what they mean.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"

namespace freshet::core {

// One table of stored state; storage keeps each in a column family of the same name. Numbers are on
// disk: never reuse one.
enum class Table : std::uint8_t {
  kMeta = 0,
  kItems = 1,         // item slot -> name, metadata
  kPopularity = 2,    // item slot -> decayed counters
  kUsers = 3,         // user slot -> name, kind, metadata
  kHistories = 4,     // user slot -> what the user did
  kSessions = 5,      // session slot -> session
  kPairs = 6,         // table name, item slot -> neighbours of the item
  kBaskets = 7,       // table name, owner slot -> what the owner touched together
  kEventIds = 8,      // sequence -> event id seen lately
  kPostings = 9,      // item slot -> newest sessions of the item
  kSuccessions = 10,  // item slot -> what follows the item
  kBlends = 11,       // campaign -> weights it has learned
  kExposures = 12,    // item slot -> how often it was shown, and chosen then
  kAudiences = 13,    // "COLUMN=value" of users -> what is in demand among them
  kDeletions = 14,    // kind of name, slot -> a name that was deleted, and when
};
inline constexpr std::size_t kTableCount = 15;

// The column family's name: "meta", "items", ...
std::string_view TableName(Table table);

// RowBatch is a set of changed rows in one allocation: puts and deletes by table and key. Built by
// one thread, then handed over whole; keys of one table occur at most once.
class RowBatch {
 public:
  struct Row {
    Table table;
    std::string_view key;
    std::string_view value;  // empty when deleted
    bool deleted;
  };

  void Put(Table table, std::string_view key, std::string_view value);
  // Puts a row with the value that write(ByteWriter*) appends.
  template <typename Write>
  void Encode(Table table, std::string_view key, Write&& write) {
    Add(table, key, {}, false);
    const std::size_t start = bytes_.size();
    ByteWriter writer(&bytes_);
    write(&writer);
    rows_.back().value_size = static_cast<std::uint32_t>(bytes_.size() - start);
  }
  void Delete(Table table, std::string_view key);
  // Empties the batch, which keeps its memory.
  void Clear();
  // Room for so many bytes, which are then not copied while the batch grows.
  void Reserve(std::size_t bytes) { bytes_.reserve(bytes); }
  // Bytes of memory that it holds.
  [[nodiscard]] std::size_t held_bytes() const {
    return bytes_.capacity() + rows_.capacity() * sizeof(Place);
  }

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_.size(); }

  // Calls visit(Row) in the order of insertion; views are valid until the batch changes.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    for (const Place& place : rows_) {
      const std::string_view all(bytes_);
      visit(Row{place.table, all.substr(place.start, place.key_size),
                all.substr(place.start + place.key_size, place.value_size), place.deleted});
    }
  }

 private:
  struct Place {
    std::size_t start;
    std::uint32_t key_size;
    std::uint32_t value_size;
    Table table;
    bool deleted;
  };

  void Add(Table table, std::string_view key, std::string_view value, bool deleted);

  std::string bytes_;
  std::vector<Place> rows_;
};

// A dense slot as a key: four bytes, big-endian, so that rows are stored in slot order.
std::string SlotKey(std::uint32_t slot);
// `prefix`, a zero byte, then SlotKey(slot).
std::string NamedSlotKey(std::string_view prefix, std::uint32_t slot);

// Keys back into their parts; false when the bytes are not such a key.
bool ParseSlotKey(std::string_view key, std::uint32_t* slot);
bool ParseNamedSlotKey(std::string_view key, std::string_view* prefix, std::uint32_t* slot);

}  // namespace freshet::core
