// Items and users in files of JSON. Plain functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/log_entry.h"
#include "core/result.h"
#include "tools/table_columns.h"

namespace freshet::tools {

// The entry that puts an item or a user.
core::LogEntry RecordEntry(InputKind kind, std::string id, std::vector<core::Column> columns);

// {"itemId":"tent","properties":{"price":9.5}}, as Kafka's topic has it, or all in one object:
// {"itemId":"tent","price":9.5}. Users likewise, with userId. Errors name the member.
core::Result<core::LogEntry> DecodeRecordLine(InputKind kind, std::string_view json);

}  // namespace freshet::tools
