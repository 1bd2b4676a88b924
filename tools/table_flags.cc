#include "tools/table_flags.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace freshet::tools {
namespace {

// "tab", "\t" and "\x01" as people write them on a command line; else the text itself.
std::optional<std::string> DelimiterOf(std::string_view text) {
  if (text == "tab" || text == "\\t") return "\t";
  if (text.starts_with("\\x") && text.size() == 4) {
    std::uint8_t byte = 0;
    const auto parsed = std::from_chars(text.data() + 2, text.data() + 4, byte, 16);
    if (parsed.ptr != text.data() + 4) return std::nullopt;
    return std::string(1, static_cast<char>(byte));
  }
  return std::string(text);
}

std::vector<std::string> SplitAtCommas(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

void TableFlags::AddTo(CLI::App* command) {
  command
      ->add_option("--delimiter", delimiter_,
                   "what stands between the fields of a table: ',' unless given; tab, ';', '::', "
                   "'\\x01'")
      ->type_name("TEXT");
  command
      ->add_option("--columns", columns_,
                   "the names of the columns, for tables whose first line is a row: "
                   "USER_ID,ITEM_ID,EVENT_VALUE,TIMESTAMP")
      ->type_name("NAMES");
  command
      ->add_option("--rename", renames_,
                   "what a column is to be taken as: movieId=ITEM_ID; may come several times")
      ->type_name("NAME=COLUMN")
      ->allow_extra_args(false);
}

core::Result<TableFormat> TableFlags::Format() const {
  TableFormat format;
  const auto delimiter = DelimiterOf(delimiter_);
  const bool is_good =
      delimiter && !delimiter->empty() && delimiter->find_first_of("\"\r\n\\") == std::string::npos;
  if (!is_good) {
    return core::InvalidArgument("--delimiter " + delimiter_ +
                                 " must be one character or more, no quote, backslash or line end");
  }
  format.delimiter = *delimiter;
  if (!columns_.empty()) format.columns = SplitAtCommas(columns_);
  for (const std::string& rename : renames_) {
    const std::size_t equals = rename.rfind('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == rename.size()) {
      return core::InvalidArgument("--rename " + rename + " must be NAME=COLUMN: movieId=ITEM_ID");
    }
    format.renames.emplace_back(rename.substr(0, equals), rename.substr(equals + 1));
  }
  return format;
}

}  // namespace freshet::tools
