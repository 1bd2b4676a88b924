// Times as people and files write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace freshet::tools {

// Milliseconds since 1970 of an ISO 8601 time: 2026-01-31, 2026-01-31T12:30:00, with a fraction,
// with Z or +02:00; a space may stand for the T; without a zone it is UTC. Nothing when it is not
// one.
std::optional<std::int64_t> ParseIsoTime(std::string_view text);

// As Personalize's files have it, epoch seconds, whole or with a fraction; from 1e11 on the number
// is taken for milliseconds, as in the daemon's JSON. Else an ISO 8601 time.
std::optional<std::int64_t> ParseTime(std::string_view text);

// 2026-01-31T12:30:00Z, with milliseconds where there are any.
std::string FormatIsoTime(std::int64_t time_ms);

}  // namespace freshet::tools
