// The stored forms of what a checkpoint store keeps beside the rows. docs/storage.md has the
// layouts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/result.h"
#include "storage/event_log.h"

namespace freshet::storage {

std::string EncodePositions(const core::Positions& positions);
core::Result<core::Positions> DecodePositions(std::string_view bytes);

// Of the letter's own bytes at most `maximum_bytes` are kept.
std::string EncodeDeadLetter(const BadEntry& letter, std::size_t maximum_bytes);
core::Result<BadEntry> DecodeDeadLetter(std::string_view bytes);

// A number as a key: eight bytes, big-endian, so that keys are stored in the order of numbers.
std::string NumberKey(std::uint64_t number);
// False when the bytes are not such a key.
bool ParseNumberKey(std::string_view key, std::uint64_t* number);

}  // namespace freshet::storage
