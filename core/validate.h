// The limits of Amazon Personalize on what may enter the log, checked in one place for HTTP, Kafka
// and files alike. Every message names the member and the limit it breaks.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/log_entry.h"
#include "core/result.h"

namespace freshet::core {

inline constexpr std::size_t kMaximumIdBytes = 256;
inline constexpr std::size_t kMaximumRecommendationIdBytes = 40;
inline constexpr std::size_t kMaximumEventPropertiesBytes = 1024;
inline constexpr std::size_t kMaximumImpressions = 25;
inline constexpr std::size_t kMaximumAttributionBytes = 1024;
inline constexpr std::size_t kMaximumColumns = 100;
inline constexpr std::size_t kMaximumColumnNameBytes = 150;
inline constexpr std::int64_t kMaximumTimeMs = 253402300799999;  // 9999-12-31T23:59:59.999Z

// `member` is the name used in the message ("userId"). Checks 1 to `maximum` bytes and UTF-8.
Status ValidateId(std::string_view member, std::string_view id,
                  std::size_t maximum = kMaximumIdBytes);

// True when `text` is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool IsUtf8(std::string_view text);

// Checks every limit of the entry's kind.
Status Validate(const LogEntry& entry);

}  // namespace freshet::core
