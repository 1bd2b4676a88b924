#include "tools/table_columns.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "core/ascii.h"
#include "core/column_name.h"
#include "tools/printable_text.h"

namespace freshet::tools {
namespace {

// What others call a column, as Squashed has it.
struct KnownNames {
  std::string_view column;
  std::array<std::string_view, 14> others;
};

constexpr std::array<KnownNames, 6> kEventNames = {{
    {"USER_ID", {"USERID", "USER", "UID", "VISITORID", "CUSTOMERID", "REVIEWERID"}},
    {"ITEM_ID",
     {"ITEMID", "ITEM", "MOVIEID", "PRODUCTID", "ARTICLEID", "BOOKID", "TRACKID", "SONGID",
      "STOCKCODE", "ASIN", "SKU", "ISBN", "PARENTASIN"}},
    {"TIMESTAMP",
     {"TIMESTAMP", "TIME", "DATETIME", "DATE", "EVENTTIME", "CREATEDAT", "UNIXREVIEWTIME",
      "INVOICEDATE", "TS"}},
    {"EVENT_VALUE", {"EVENTVALUE", "RATING", "STARS"}},
    {"EVENT_TYPE", {"EVENTTYPE", "EVENT"}},
    {"SESSION_ID", {"SESSIONID", "USERSESSION", "SESSION"}},
}};
constexpr std::span<const KnownNames> kItemNames{&kEventNames[1], 1};
constexpr std::span<const KnownNames> kUserNames{&kEventNames[0], 1};

std::span<const KnownNames> KnownNamesOf(InputKind kind) {
  if (kind == InputKind::kItems) return kItemNames;
  if (kind == InputKind::kUsers) return kUserNames;
  return kEventNames;
}

// "User-ID" -> "USERID".
std::string Squashed(std::string_view name) {
  std::string squashed;
  for (const char c : name) {
    if (core::IsDigit(c) || core::IsLower(c) || core::IsUpper(c)) squashed += core::ToUpper(c);
  }
  return squashed;
}

void Take(std::size_t index, std::string_view column, TableColumns* columns) {
  columns->said += (columns->said.empty() ? "" : ", ") + PrintableName(columns->spelled[index]) +
                   " is taken as " + std::string(column);
  columns->names[index] = column;
}

void Rename(const TableFormat& format, TableColumns* columns) {
  for (const auto& [from, to] : format.renames) {
    for (std::size_t i = 0; i < columns->spelled.size(); ++i) {
      const bool is_meant = columns->spelled[i] == from || columns->names[i] == from;
      if (is_meant) Take(i, core::ToSchemaName(to), columns);
    }
  }
}

void TakeKnownNames(std::span<const KnownNames> known, TableColumns* columns) {
  for (const KnownNames& one : known) {
    if (ColumnIndex(*columns, one.column) != std::string::npos) continue;
    std::size_t found = std::string::npos;
    std::size_t count = 0;
    for (std::size_t i = 0; i < columns->names.size(); ++i) {
      const std::string squashed = Squashed(columns->names[i]);
      if (squashed.empty()) continue;
      if (std::find(one.others.begin(), one.others.end(), squashed) == one.others.end()) continue;
      found = i;
      ++count;
    }
    if (count == 1) Take(found, one.column, columns);
  }
}

core::Status CheckNames(const TableColumns& columns) {
  for (std::size_t i = 0; i < columns.names.size(); ++i) {
    const std::string& name = columns.names[i];
    if (name.empty()) {
      return core::InvalidArgument("header: column " + std::to_string(i + 1) + " has no name");
    }
    if (ColumnIndex(columns, name) != i) {
      return core::InvalidArgument("header: the column " + PrintableName(name) + " comes twice");
    }
  }
  return {};
}

// No letter stands in it, so it is a row.
bool LooksLikeRow(const TableColumns& columns) {
  return std::all_of(columns.spelled.begin(), columns.spelled.end(), [](const std::string& name) {
    return !name.empty() && std::none_of(name.begin(), name.end(), [](char c) {
      return core::IsLower(c) || core::IsUpper(c);
    });
  });
}

core::Error MissingColumn(std::string_view wanted, const TableColumns& columns) {
  if (LooksLikeRow(columns)) {
    return core::InvalidArgument(
        "the first line has no names of columns but a row: name them with --columns, for example "
        "--columns USER_ID,ITEM_ID,EVENT_VALUE,TIMESTAMP");
  }
  if (columns.names.size() == 1) {
    return core::InvalidArgument("this is no table: its first line has one field, \"" +
                                 PrintableName(columns.spelled[0]) + "\"");
  }
  constexpr std::size_t kShownNames = 30;
  std::string found;
  for (std::size_t i = 0; i < std::min(kShownNames, columns.spelled.size()); ++i) {
    found += (found.empty() ? "" : ",") + PrintableName(columns.spelled[i]);
  }
  if (columns.spelled.size() > kShownNames) found += ",...";
  return core::InvalidArgument("header: the required column " + std::string(wanted) +
                               " is missing; the first line names " + found +
                               ". If one of them is meant, say --rename NAME=" +
                               std::string(wanted.substr(0, wanted.find(' '))));
}

core::Status CheckRequired(InputKind kind, const TableColumns& columns) {
  const auto has = [&](std::string_view name) {
    return ColumnIndex(columns, name) != std::string::npos;
  };
  if (kind == InputKind::kItems) {
    return has("ITEM_ID") ? core::Status() : MissingColumn("ITEM_ID", columns);
  }
  if (kind == InputKind::kUsers) {
    return has("USER_ID") ? core::Status() : MissingColumn("USER_ID", columns);
  }
  for (const std::string_view required : {"ITEM_ID", "TIMESTAMP"}) {
    if (!has(required)) return MissingColumn(required, columns);
  }
  if (has("USER_ID") || has("SESSION_ID")) return {};
  return MissingColumn("USER_ID (or SESSION_ID)", columns);
}

}  // namespace

std::string_view Trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool IsSpelled(const TableColumns& columns, std::string_view name) {
  return std::any_of(columns.spelled.begin(), columns.spelled.end(), [&](const std::string& one) {
    return one == name || core::ToSchemaName(one) == name;
  });
}

std::size_t ColumnIndex(const TableColumns& columns, std::string_view name) {
  const auto found = std::find(columns.names.begin(), columns.names.end(), name);
  if (found == columns.names.end()) return std::string::npos;
  return static_cast<std::size_t>(found - columns.names.begin());
}

core::Result<TableColumns> ColumnsOf(const CsvRow& header, InputKind kind,
                                     const TableFormat& format) {
  if (!header.problem.empty()) return core::InvalidArgument("header: " + header.problem);
  TableColumns columns;
  for (const CsvField& field : header.fields) {
    const std::string_view name = field.quoted ? field.text : Trimmed(field.text);
    columns.is_padded = columns.is_padded || name.size() != field.text.size();
    columns.spelled.emplace_back(name);
    columns.names.push_back(core::ToSchemaName(name));
  }
  Rename(format, &columns);
  TakeKnownNames(KnownNamesOf(kind), &columns);
  FRESHET_RETURN_IF_ERROR(CheckNames(columns));
  FRESHET_RETURN_IF_ERROR(CheckRequired(kind, columns));
  return columns;
}

}  // namespace freshet::tools
