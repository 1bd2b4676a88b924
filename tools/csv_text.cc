#include "tools/csv_text.h"

namespace freshet::tools {

void AppendCsvField(std::string_view text, std::string* csv) {
  // A backslash inside quotes would be taken for Personalize's escape, so it is doubled there.
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    *csv += text;
    return;
  }
  *csv += '"';
  for (const char c : text) {
    if (c == '"') *csv += '"';
    if (c == '\\') *csv += '\\';
    *csv += c;
  }
  *csv += '"';
}

void AppendCents(std::uint64_t cents, std::string* csv) {
  *csv += std::to_string(cents / 100) + '.';
  *csv += static_cast<char>('0' + cents / 10 % 10);
  *csv += static_cast<char>('0' + cents % 10);
}

}  // namespace freshet::tools
