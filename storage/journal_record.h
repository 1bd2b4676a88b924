// A record of the embedded journal: entries that one group commit wrote side by side, under the
// number of the first. Several entries share a record because RocksDB charges by the key. Each says
// where the one before it ended, so that a missing one shows, and carries a checksum.
// docs/storage.md has the layout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/log_entry.h"
#include "core/result.h"
#include "storage/event_log.h"

namespace freshet::storage {

inline constexpr std::size_t kMaximumRecordEntries = 256;

struct RecordHeader {
  std::uint64_t previous_end = 0;  // the number after the last entry of the record before
  std::int64_t received_ms = 0;
  std::uint64_t entry_count = 0;
};

// Appends a record of the first of `entries`, as many as fit, to `out`; returns how many they were.
// REQUIRES: entries is not empty, all have the same received_ms, and their numbers follow each
// other.
std::size_t EncodeRecord(std::span<const core::StampedEntry> entries, std::uint64_t previous_end,
                         std::string* out);

// kCorruption when these are not the bytes that were written as the record of number `first`.
core::Result<RecordHeader> DecodeRecordHeader(std::uint64_t first, std::string_view record);

// Appends the entries numbered `from` and later of the record whose first is number `first` to
// `batch`, until that holds `maximum`; returns the number after the last one it passed. An entry
// that cannot be decoded becomes a bad entry. REQUIRES: DecodeRecordHeader takes the record.
std::uint64_t DecodeRecord(std::uint64_t first, std::string_view record, std::uint64_t from,
                           std::size_t maximum, LogBatch* batch);

}  // namespace freshet::storage
