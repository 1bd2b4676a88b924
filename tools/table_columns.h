// The columns of a table: which ones its header names, in Personalize's spelling.
//
// A header names columns in any order, case and spelling (USER_ID, userId), with blanks around them
// or without. What others call their columns is understood where only one column can be meant:
// MovieLens' movieId is ITEM_ID, its rating EVENT_VALUE. Plain functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "tools/csv_reader.h"
#include "tools/table_format.h"

namespace freshet::tools {

enum class InputKind { kEvents, kItems, kUsers };

struct TableColumns {
  std::vector<std::string> names;    // in schema spelling
  std::vector<std::string> spelled;  // as the file has them
  // The header has blanks around its names, so the rows will have them around their values.
  bool is_padded = false;
  // Which names were taken for which, in words; empty when each has its own.
  std::string said;
};

// kInvalidArgument when a column has no name or comes twice, or when a required one is missing.
core::Result<TableColumns> ColumnsOf(const CsvRow& header, InputKind kind,
                                     const TableFormat& format);

// True when the file has a column of that name, in its own spelling or the schema's.
bool IsSpelled(const TableColumns& columns, std::string_view name);

// Where `name` stands, or npos.
std::size_t ColumnIndex(const TableColumns& columns, std::string_view name);

// Without the blanks and tabs at both ends.
std::string_view Trimmed(std::string_view text);

}  // namespace freshet::tools
