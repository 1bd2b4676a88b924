// ParseTime: the one reader of times, for bodies, messages, files and flags. Pure functions.
//
// A time is a number of seconds since 1970, whole or with a fraction; from 1e11 on the number is
// milliseconds. Or it is an ISO 8601 time, in the extended form (2026-11-22, 2026-11-22T10:15,
// 2026-11-22T10:15:30.5Z) or the basic one (20261122T101530Z), with a space for the T if need be
// and with Z, UTC, GMT or an offset (+02:00, +0200, +02) behind it. Without any of these it is UTC.
// Other names of zones, months and halves of the day are refused, for they are local.
//
// Every error is kInvalidArgument and begins with `name`, the member, column or flag that holds the
// time. Times before 1970 and after the year 9999 are errors, with the unit that was probably
// meant.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace freshet::core {

// Milliseconds since 1970.
Result<std::int64_t> ParseTime(std::string_view name, std::string_view text);
Result<std::int64_t> TimeFromNumber(std::string_view name, double number);

}  // namespace freshet::core
