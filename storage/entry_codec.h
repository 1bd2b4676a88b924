// The stored form of a LogEntry. docs/storage.md has the layout byte by byte; values written by any
// earlier version must load for ever (tests/unit/storage/golden).
#pragma once

#include <string>
#include <string_view>

#include "core/log_entry.h"
#include "core/result.h"

namespace freshet::storage {

// Appends the bytes of `entry` to `out`.
void EncodeEntry(const core::LogEntry& entry, std::string* out);

// The entry that EncodeEntry wrote. kCorruption, with what is wrong, when `bytes` are not exactly
// one entry of a version and kind that this program knows. Does not check the limits of
// core::Validate.
core::Result<core::LogEntry> DecodeEntry(std::string_view bytes);

}  // namespace freshet::storage
