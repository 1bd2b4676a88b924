// Deletions: which names of one kind (items, users, visitors) were deleted, and when.
//
// With several partitions a delete may be read before what was logged before it: a mark here keeps
// that from bringing the name back. Owned by State; single-threaded. Names are kept as hashes, so
// that nothing tells who was erased. At most settings.maximum_deletions names of a kind are
// remembered; the one deleted longest ago is forgotten first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/changed_slots.h"
#include "core/dictionary.h"
#include "core/log_entry.h"
#include "core/recency_list.h"
#include "core/result.h"
#include "core/row_taking.h"
#include "core/rows.h"
#include "core/settings.h"

namespace freshet::core {

// The last delete of a name.
struct Deletion {
  std::int64_t time_ms = 0;     // when the log received it
  std::uint32_t partition = 0;  // where it was logged
  bool is_over = false;         // an item was put again after it

  // Whether the entry, read after the delete, was logged before it. Within a partition what is read
  // later was logged later, whatever the clocks said.
  [[nodiscard]] bool IsAfter(const StampedEntry& entry) const {
    return entry.position.partition != partition && entry.received_ms < time_ms;
  }
};

class Deletions {
 public:
  // `kind` begins the keys of its rows. `settings` outlives this.
  Deletions(std::string_view kind, const Settings& settings) : kind_(kind), settings_(settings) {}

  // Remembers the delete by the log entry of that number. False, and nothing changes, when a delete
  // that was logged later is known already.
  bool Note(std::string_view name, const StampedEntry& by, std::uint64_t number) {
    return Note(name, {by.received_ms, by.position.partition}, number, IsKnownAfter(name, by));
  }
  // The same delete took another name with it.
  void NoteAlso(std::string_view name, const Deletion& deletion, std::uint64_t number) {
    Note(name, deletion, number, /*is_known=*/false);
  }

  // The delete before which the entry was logged; null: there is none.
  [[nodiscard]] const Deletion* After(std::string_view name, const StampedEntry& entry) const {
    if (entry.received_ms >= latest_ms_) return nullptr;
    const Deletion* deletion = Find(name);
    return deletion != nullptr && deletion->IsAfter(entry) ? deletion : nullptr;
  }
  // The last delete of the name, or null.
  [[nodiscard]] const Deletion* Find(std::string_view name) const;
  // What was deleted is there again.
  void End(std::string_view name);

  [[nodiscard]] std::string_view kind() const { return kind_; }
  [[nodiscard]] std::size_t size() const { return recency_.size(); }
  [[nodiscard]] std::size_t bytes() const;

  void TakeChangedRows(RowTaking* taking);
  Status LoadRow(std::string_view key, std::string_view value);
  Status FinishLoad();

 private:
  [[nodiscard]] bool IsKnownAfter(std::string_view name, const StampedEntry& by) const {
    const Deletion* known = Find(name);
    return known != nullptr && known->IsAfter(by);
  }
  bool Note(std::string_view name, const Deletion& deletion, std::uint64_t number, bool is_known);
  std::uint32_t SlotFor(std::string_view hash);
  Deletion& At(std::uint32_t slot);
  void EncodeRow(std::uint32_t slot, ByteWriter* writer) const;

  const std::string kind_;
  const Settings& settings_;
  Dictionary hashes_;
  std::vector<Deletion> deletions_;  // by slot
  std::vector<std::uint32_t> free_slots_;
  RecencyList recency_;
  ChangedSlots changed_;
  // No delete that is remembered was later: spares most entries the look-up.
  std::int64_t latest_ms_ = 0;
};

}  // namespace freshet::core
