// The JSON form of metadata: {"genres":"a|b","price":9.5,"adult":false,"tags":["x","y"]}.
//
// Every error is kInvalidArgument and names the column. Thread-safe: no state is kept.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "core/log_entry.h"
#include "core/result.h"
#include "daemon/json_writer.h"

namespace freshet::daemon {

// Columns that are null are left out; arrays become "x|y"; nested objects are refused. Names become
// schema names. Numbers keep their text where the object was parsed with Numbers::kAsWritten.
core::Result<std::vector<core::Column>> DecodeColumns(const boost::json::object& object);
core::Result<std::vector<core::Column>> DecodeColumns(std::string_view json);

// The way back, with names in camelCase.
void WriteColumns(std::span<const core::Column> columns, JsonWriter* json);
void WriteColumnValue(const core::ColumnValue& value, JsonWriter* json);
std::string EncodeColumns(const std::vector<core::Column>& columns);

}  // namespace freshet::daemon
