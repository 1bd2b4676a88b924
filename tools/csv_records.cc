#include "tools/csv_records.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "core/column_name.h"
#include "core/multi_value.h"
#include "core/parse_time.h"
#include "core/validate.h"
#include "tools/json_text.h"

namespace freshet::tools {
namespace {

constexpr std::string_view kDefaultEventType = "view";

core::Status CheckFieldCount(const CsvRow& row, std::size_t columns) {
  if (!row.problem.empty()) return core::InvalidArgument(row.problem);
  if (row.fields.size() == columns) return {};
  return core::InvalidArgument("the row has " + std::to_string(row.fields.size()) +
                               " fields, the header has " + std::to_string(columns));
}

std::optional<double> ParseNumber(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

// A plain decimal number. What is quoted, starts with a zero that counts (a postcode, 007) or has
// an exponent (an article number, 73928e03) is text.
std::optional<core::Number> ParsePlainNumber(const CsvField& field) {
  if (field.quoted) return std::nullopt;
  std::optional<core::Number> number = core::Number::Parse(field.text);
  if (number && number->has_exponent()) return std::nullopt;
  return number;
}

core::Error BadValue(std::string_view column, std::string_view text, std::string_view wanted) {
  constexpr std::size_t kShown = 60;
  return core::InvalidArgument(
      std::string(column) + " is \"" + std::string(text.substr(0, kShown)) +
      (text.size() > kShown ? "..." : "") + "\", it must be " + std::string(wanted));
}

void Clear(core::Event* event) {
  event->user_id.clear();
  event->session_id.clear();
  event->item_id.clear();
  event->event_type.clear();
  event->time_ms = 0;
  event->value.reset();
  event->event_id.clear();
  event->recommendation_id.clear();
  event->impression.clear();
  event->properties.clear();
  event->attribution_source.clear();
}

}  // namespace

EventRows::EventRows(const TableColumns& columns)
    : time_column_(ColumnIndex(columns, "TIMESTAMP")), is_padded_(columns.is_padded) {
  static constexpr std::array<std::pair<std::string_view, Member>, 10> kMembers = {{
      {"USER_ID", Member::kUserId},
      {"SESSION_ID", Member::kSessionId},
      {"ITEM_ID", Member::kItemId},
      {"TIMESTAMP", Member::kTimestamp},
      {"EVENT_TYPE", Member::kEventType},
      {"EVENT_VALUE", Member::kEventValue},
      {"EVENT_ID", Member::kEventId},
      {"IMPRESSION", Member::kImpression},
      {"RECOMMENDATION_ID", Member::kRecommendationId},
      {"EVENT_ATTRIBUTION_SOURCE", Member::kAttributionSource},
  }};
  for (std::size_t i = 0; i < columns.names.size(); ++i) {
    const auto* known = std::find_if(kMembers.begin(), kMembers.end(), [&](const auto& pair) {
      return pair.first == columns.names[i];
    });
    ColumnPlan column{
        columns.spelled[i], {}, known == kMembers.end() ? Member::kProperty : known->second};
    AppendJsonString(core::ToJsonName(columns.names[i]), &column.json_name);
    column.json_name += ':';
    columns_.push_back(std::move(column));
  }
}

CsvField EventRows::FieldOf(const CsvRow& row, std::size_t index) const {
  CsvField field = row.fields[index];
  const Member member = columns_[index].member;
  const bool is_number = member == Member::kTimestamp || member == Member::kEventValue;
  if (!field.quoted && (is_padded_ || is_number)) field.text = Trimmed(field.text);
  return field;
}

std::optional<std::int64_t> EventRows::TimeOf(const CsvRow& row) const {
  if (row.fields.size() != columns_.size()) return std::nullopt;
  const auto time = core::ParseTime("", FieldOf(row, time_column_).text);
  return time ? std::optional(*time) : std::nullopt;
}

std::string EventRows::WithColumnNames(std::string_view reason) const {
  static constexpr std::array<std::pair<std::string_view, Member>, 10> kNames = {{
      {"userId", Member::kUserId},
      {"sessionId", Member::kSessionId},
      {"itemId", Member::kItemId},
      {"sentAt", Member::kTimestamp},
      {"eventType", Member::kEventType},
      {"eventValue", Member::kEventValue},
      {"eventId", Member::kEventId},
      {"impression", Member::kImpression},
      {"recommendationId", Member::kRecommendationId},
      {"eventAttributionSource", Member::kAttributionSource},
  }};
  std::string named(reason);
  for (const auto& [name, member] : kNames) {
    const auto column =
        std::find_if(columns_.begin(), columns_.end(),
                     [member = member](const ColumnPlan& one) { return one.member == member; });
    if (column == columns_.end()) continue;
    const std::size_t at = named.find(name);
    if (at != std::string::npos) named.replace(at, name.size(), column->name);
  }
  return named;
}

core::Status EventRows::Parse(const CsvRow& row, core::Event* event) {
  FRESHET_RETURN_IF_ERROR(CheckFieldCount(row, columns_.size()));
  Clear(event);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    FRESHET_RETURN_IF_ERROR(ParseField(columns_[i], FieldOf(row, i), event));
  }
  if (event->event_type.empty()) event->event_type = kDefaultEventType;
  if (!event->properties.empty()) event->properties += '}';
  return {};
}

core::Status EventRows::ParseField(const ColumnPlan& column, const CsvField& field,
                                   core::Event* event) {
  switch (column.member) {
    case Member::kUserId:
      event->user_id = field.text;
      break;
    case Member::kSessionId:
      event->session_id = field.text;
      break;
    case Member::kItemId:
      event->item_id = field.text;
      break;
    case Member::kTimestamp: {
      const auto time = core::ParseTime(column.name, field.text);
      if (!time) return time.error();
      event->time_ms = *time;
      break;
    }
    case Member::kEventType:
      event->event_type = field.text;
      break;
    case Member::kEventValue:
      if (field.text.empty()) break;
      event->value = ParseNumber(field.text);
      if (!event->value) return BadValue(column.name, field.text, "a number");
      break;
    case Member::kEventId:
      event->event_id = field.text;
      break;
    case Member::kImpression:
      core::ForEachValue(field.text,
                         [&](std::string_view item) { event->impression.emplace_back(item); });
      break;
    case Member::kRecommendationId:
      event->recommendation_id = field.text;
      break;
    case Member::kAttributionSource:
      event->attribution_source = field.text;
      break;
    case Member::kProperty:
      AddProperty(column, field, event);
      break;
  }
  return {};
}

void EventRows::AddProperty(const ColumnPlan& column, const CsvField& field, core::Event* event) {
  if (field.text.empty()) return;
  std::string* properties = &event->properties;
  const std::size_t before = properties->size();
  *properties += before == 0 ? '{' : ',';
  *properties += column.json_name;
  if (ParsePlainNumber(field)) {
    *properties += field.text;
  } else {
    AppendJsonString(field.text, properties);
  }
  // One byte is kept for the closing brace.
  if (properties->size() + 1 > core::kMaximumEventPropertiesBytes) {
    properties->resize(before);
    ++left_out_;
  }
}

RecordRows::RecordRows(TableColumns columns, std::string_view id_column)
    : columns_(std::move(columns)), id_column_(ColumnIndex(columns_, id_column)) {}

core::Status RecordRows::Parse(const CsvRow& row, std::string* id,
                               std::vector<core::Column>* columns) const {
  FRESHET_RETURN_IF_ERROR(CheckFieldCount(row, columns_.names.size()));
  columns->clear();
  for (std::size_t i = 0; i < columns_.names.size(); ++i) {
    CsvField field = row.fields[i];
    if (columns_.is_padded && !field.quoted) field.text = Trimmed(field.text);
    if (i == id_column_) {
      *id = field.text;
    } else if (auto number = ParsePlainNumber(field)) {
      columns->push_back({columns_.names[i], std::move(*number)});
    } else if (!field.text.empty()) {
      columns->push_back({columns_.names[i], std::string(field.text)});
    }
  }
  return {};
}

std::string RecordRows::WithColumnNames(std::string_view reason) const {
  constexpr std::string_view kProperties = "properties.";
  if (reason.starts_with(kProperties)) return std::string(reason.substr(kProperties.size()));
  std::string named(reason);
  const std::string id = core::ToJsonName(columns_.names[id_column_]);
  if (named.starts_with(id)) named.replace(0, id.size(), columns_.spelled[id_column_]);
  return named;
}

}  // namespace freshet::tools
