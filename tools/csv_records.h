// The rows of Amazon Personalize's CSV files as log entries: which columns a file has, and what a
// row of it says.
//
// Made once a file from its columns, then used for each row by one thread. Every error names the
// column.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/log_entry.h"
#include "core/result.h"
#include "tools/csv_reader.h"
#include "tools/table_columns.h"

namespace freshet::tools {

// Interactions: ITEM_ID, TIMESTAMP and USER_ID or SESSION_ID, and, where present, EVENT_TYPE
// ("view" when absent or empty), EVENT_VALUE, EVENT_ID, IMPRESSION (a|b|c), RECOMMENDATION_ID and
// EVENT_ATTRIBUTION_SOURCE. Every other column that is not empty becomes a member of the event's
// properties, as long as these stay within their limit; what does not fit is left out and counted.
class EventRows {
 public:
  explicit EventRows(const TableColumns& columns);

  // Overwrites all of `event`. The entry still has to pass core::Validate.
  core::Status Parse(const CsvRow& row, core::Event* event);

  // The time of a row that Parse takes; nothing when it has none.
  [[nodiscard]] std::optional<std::int64_t> TimeOf(const CsvRow& row) const;

  // `reason`, which names members of an event (sentAt), with the columns that they come from.
  [[nodiscard]] std::string WithColumnNames(std::string_view reason) const;

  // Values of further columns that did not fit into properties.
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }

 private:
  enum class Member {
    kUserId,
    kSessionId,
    kItemId,
    kTimestamp,
    kEventType,
    kEventValue,
    kEventId,
    kImpression,
    kRecommendationId,
    kAttributionSource,
    kProperty,
  };
  struct ColumnPlan {
    std::string name;       // as the header spells it
    std::string json_name;  // of a property, quoted and followed by a colon
    Member member;
  };

  [[nodiscard]] CsvField FieldOf(const CsvRow& row, std::size_t index) const;
  core::Status ParseField(const ColumnPlan& column, const CsvField& field, core::Event* event);
  void AddProperty(const ColumnPlan& column, const CsvField& field, core::Event* event);

  std::vector<ColumnPlan> columns_;
  std::size_t time_column_ = 0;
  bool is_padded_ = false;
  std::uint64_t left_out_ = 0;
};

// Items (ITEM_ID and metadata) and users (USER_ID and metadata): each row replaces the record of
// its id. An empty field is a column that the record does not have; a plain decimal
// number is one unless it is quoted.
class RecordRows {
 public:
  // `id_column` is ITEM_ID or USER_ID, one of `columns`.
  RecordRows(TableColumns columns, std::string_view id_column);

  core::Status Parse(const CsvRow& row, std::string* id, std::vector<core::Column>* columns) const;

  // `reason`, which names members of a record (properties.TITLE), with the columns that they come
  // from.
  [[nodiscard]] std::string WithColumnNames(std::string_view reason) const;

 private:
  TableColumns columns_;
  std::size_t id_column_;
};

}  // namespace freshet::tools
