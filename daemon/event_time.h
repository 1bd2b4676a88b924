// The times clients send: Personalize's epoch seconds, what its users send instead, and ISO 8601.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace freshet::daemon {

// From this on a number is milliseconds, not seconds: 1e11 seconds would be the year 5138.
inline constexpr double kMillisecondsFrom = 1e11;

// Epoch seconds (with fraction) or milliseconds to milliseconds. Errors: not finite, before 1970,
// after the year 9999 (as seconds or as milliseconds).
core::Result<std::int64_t> TimeFromNumber(double value);

// A number as text, or ISO 8601: "2026-11-22", "2026-11-22T10:15:30Z", with a fraction of a second,
// with an offset "+02:00" or "+0200", or with a space for the T. Without an offset it is UTC.
core::Result<std::int64_t> TimeFromText(std::string_view text);

}  // namespace freshet::daemon
