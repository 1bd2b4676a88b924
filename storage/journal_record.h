// A record of the embedded journal: entries that one group commit wrote side by side, under the
// number of the first. Several entries share a record because RocksDB charges by the key.
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
  std::int64_t received_ms = 0;
  std::uint64_t entry_count = 0;
};

// Appends a record of the first of `entries`, as many as fit, to `out`; returns how many they were.
// REQUIRES: entries is not empty and all have the same received_ms.
std::size_t EncodeRecord(std::span<const core::StampedEntry> entries, std::string* out);

// kCorruption when the record does not begin as one of a known version does.
core::Result<RecordHeader> DecodeRecordHeader(std::string_view record);

// Appends the entries numbered `from` and later of the record whose first is number `first` to
// `batch`, until that holds `maximum`; returns the number after the last one it passed. What
// cannot be decoded becomes a bad entry; a damaged record is one bad entry with all of its bytes.
std::uint64_t DecodeRecord(std::uint64_t first, std::string_view record, std::uint64_t from,
                           std::size_t maximum, LogBatch* batch);

}  // namespace freshet::storage
