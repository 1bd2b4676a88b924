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
    if (const auto* text = std::get_if<std::string>(&column.value); text && !IsUtf8(*text)) {
      return InvalidArgument("properties." + column.name + " is not valid UTF-8");
    }
  }
  return {};
}

// What may follow the first byte of a character (Unicode 15, table 3-7).
struct Utf8Form {
  bool is_valid = true;
  std::size_t continuations = 0;
  unsigned least_second = 0x80;
  unsigned most_second = 0xBF;
};

Utf8Form FormOf(unsigned char lead) {
  if (lead < 0x80) return {};
  if (lead >= 0xC2 && lead <= 0xDF) return {.continuations = 1};
  if (lead == 0xE0) return {.continuations = 2, .least_second = 0xA0};  // else overlong
  if (lead == 0xED) return {.continuations = 2, .most_second = 0x9F};   // else a surrogate
  if (lead >= 0xE1 && lead <= 0xEF) return {.continuations = 2};
  if (lead == 0xF0) return {.continuations = 3, .least_second = 0x90};  // else overlong
  if (lead == 0xF4) return {.continuations = 3, .most_second = 0x8F};   // else past U+10FFFF
  if (lead >= 0xF1 && lead <= 0xF3) return {.continuations = 3};
  return {.is_valid = false};
}

}  // namespace

Status ValidateId(std::string_view member, std::string_view id, std::size_t maximum) {
  if (id.empty()) {
    return InvalidArgument(std::string(member) + " is empty, it must have 1 to " + Bytes(maximum));
  }
  return ValidateText(member, id, maximum);
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Form form = FormOf(static_cast<unsigned char>(text[0]));
    if (!form.is_valid || text.size() <= form.continuations) return false;
    for (std::size_t i = 1; i <= form.continuations; ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      const unsigned least = i == 1 ? form.least_second : 0x80;
      const unsigned most = i == 1 ? form.most_second : 0xBF;
      if (byte < least || byte > most) return false;
    }
    text.remove_prefix(form.continuations + 1);
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
