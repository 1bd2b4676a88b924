#include "core/validate.h"

#include <cmath>
#include <string>
#include <type_traits>

namespace freshet::core {
namespace {

std::string Bytes(std::size_t count) { return std::to_string(count) + " bytes"; }

Status ValidateOptionalId(std::string_view member, std::string_view id,
                          std::size_t maximum = kMaximumIdBytes) {
  return id.empty() ? Status() : ValidateId(member, id, maximum);
}

Status ValidateText(std::string_view member, std::string_view text, std::size_t maximum) {
  if (text.size() > maximum) {
    return InvalidArgument(std::string(member) + " has " + Bytes(text.size()) + ", the limit is " +
                           std::to_string(maximum));
  }
  if (!IsUtf8(text)) return InvalidArgument(std::string(member) + " is not valid UTF-8");
  return {};
}

Status ValidateEvent(const Event& event) {
  if (event.user_id.empty() && event.session_id.empty()) {
    return InvalidArgument("sessionId and userId are both missing, one is required");
  }
  FRESHET_RETURN_IF_ERROR(ValidateOptionalId("userId", event.user_id));
  FRESHET_RETURN_IF_ERROR(ValidateOptionalId("sessionId", event.session_id));
  FRESHET_RETURN_IF_ERROR(ValidateId("itemId", event.item_id));
  FRESHET_RETURN_IF_ERROR(ValidateId("eventType", event.event_type));
  FRESHET_RETURN_IF_ERROR(ValidateOptionalId("eventId", event.event_id));
  FRESHET_RETURN_IF_ERROR(ValidateOptionalId("recommendationId", event.recommendation_id,
                                             kMaximumRecommendationIdBytes));
  if (event.time_ms < 0) return InvalidArgument("sentAt is before 1970-01-01T00:00:00Z");
  if (event.time_ms > kMaximumTimeMs) return InvalidArgument("sentAt is after the year 9999");
  if (event.value && !std::isfinite(*event.value)) {
    return InvalidArgument("eventValue is not a finite number");
  }
  if (event.impression.size() > kMaximumImpressions) {
    return InvalidArgument("impression has " + std::to_string(event.impression.size()) +
                           " items, the limit is " + std::to_string(kMaximumImpressions));
  }
  for (const std::string& item : event.impression) {
    FRESHET_RETURN_IF_ERROR(ValidateId("impression", item));
  }
  FRESHET_RETURN_IF_ERROR(
      ValidateText("properties", event.properties, kMaximumEventPropertiesBytes));
  return ValidateText("eventAttributionSource", event.attribution_source, kMaximumAttributionBytes);
}

Status ValidateColumns(const std::vector<Column>& columns) {
  if (columns.size() > kMaximumColumns) {
    return InvalidArgument("properties has " + std::to_string(columns.size()) +
                           " columns, the limit is " + std::to_string(kMaximumColumns));
  }
  for (const Column& column : columns) {
    FRESHET_RETURN_IF_ERROR(
        ValidateId("a column name in properties", column.name, kMaximumColumnNameBytes));
    const std::string member = "properties." + column.name;
    if (const auto* text = std::get_if<std::string>(&column.value); text && !IsUtf8(*text)) {
      return InvalidArgument(member + " is not valid UTF-8");
    }
    if (const auto* number = std::get_if<double>(&column.value);
        number && !std::isfinite(*number)) {
      return InvalidArgument(member + " is not a finite number");
    }
  }
  return {};
}

}  // namespace

Status ValidateId(std::string_view member, std::string_view id, std::size_t maximum) {
  if (id.empty()) {
    return InvalidArgument(std::string(member) + " is empty, it must have 1 to " + Bytes(maximum));
  }
  return ValidateText(member, id, maximum);
}

bool IsUtf8(std::string_view text) {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* end = at + text.size();
  const auto continues = [&](const unsigned char* byte) {
    return byte < end && (*byte & 0xC0) == 0x80;
  };
  while (at < end) {
    const unsigned lead = *at;
    if (lead < 0x80) {
      at += 1;
    } else if (lead >= 0xC2 && lead <= 0xDF) {
      if (!continues(at + 1)) return false;
      at += 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      if (!continues(at + 1) || !continues(at + 2)) return false;
      if (lead == 0xE0 && at[1] < 0xA0) return false;  // overlong
      if (lead == 0xED && at[1] > 0x9F) return false;  // surrogate
      at += 3;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      if (!continues(at + 1) || !continues(at + 2) || !continues(at + 3)) return false;
      if (lead == 0xF0 && at[1] < 0x90) return false;  // overlong
      if (lead == 0xF4 && at[1] > 0x8F) return false;  // past U+10FFFF
      at += 4;
    } else {
      return false;
    }
  }
  return true;
}

Status Validate(const LogEntry& entry) {
  return std::visit(
      [](const auto& one) -> Status {
        using Kind = std::decay_t<decltype(one)>;
        if constexpr (std::is_same_v<Kind, Event>) {
          return ValidateEvent(one);
        } else if constexpr (std::is_same_v<Kind, PutItem>) {
          FRESHET_RETURN_IF_ERROR(ValidateId("itemId", one.item_id));
          return ValidateColumns(one.columns);
        } else if constexpr (std::is_same_v<Kind, PutUser>) {
          FRESHET_RETURN_IF_ERROR(ValidateId("userId", one.user_id));
          return ValidateColumns(one.columns);
        } else if constexpr (std::is_same_v<Kind, DeleteItem>) {
          return ValidateId("itemId", one.item_id);
        } else {
          return ValidateId("userId", one.user_id);
        }
      },
      entry);
}

}  // namespace freshet::core
