#include "tools/csv_reader.h"

#include <algorithm>
#include <utility>

namespace freshet::tools {
namespace {

std::string_view WithoutCarriageReturn(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

CsvReader::CsvReader(std::unique_ptr<InputFile> file, std::string delimiter)
    : window_(std::move(file)), delimiter_(std::move(delimiter)) {}

std::size_t CsvReader::FindDelimiter(std::string_view text, std::size_t from) const {
  return delimiter_.size() == 1 ? text.find(delimiter_[0], from) : text.find(delimiter_, from);
}

core::Result<const CsvRow*> CsvReader::Next() {
  while (true) {
    auto read = ReadRow();
    if (!read) return read.error();
    if (!*read) return static_cast<const CsvRow*>(nullptr);
    if (!row_.text.empty()) return static_cast<const CsvRow*>(&row_);
  }
}

core::Result<bool> CsvReader::ReadRow() {
  row_.fields.clear();
  row_.problem.clear();
  row_.line = next_line_;
  auto end = FindLineEnd(&window_, 0, TextWindow::kMaximumRecordBytes);
  if (!end) return end.error();
  if (*end == std::string_view::npos) return RefuseLongLine();
  if (window_.Unread().empty()) return false;
  const std::string_view line = window_.Unread().substr(0, *end);
  if (line.find('"') != std::string_view::npos) return ReadQuotedRow(*end);
  SplitPlain(WithoutCarriageReturn(line));
  Take(*end);
  return true;
}

core::Result<bool> CsvReader::ReadQuotedRow(std::size_t first_line_end) {
  bool at_end = false;
  while (true) {
    std::size_t row_end = 0;
    const Parsed parsed = ParseFields(window_.Unread(), at_end, &row_end);
    if (parsed == Parsed::kWhole) {
      Take(row_end);
      return true;
    }
    const bool too_long = window_.Unread().size() > TextWindow::kMaximumRecordBytes;
    if (parsed == Parsed::kBad || at_end || too_long) {
      if (row_.problem.empty()) row_.problem = "a quoted field is never closed";
      row_.fields.clear();
      Take(first_line_end);
      return true;
    }
    auto more = window_.More();
    if (!more) return more.error();
    at_end = !*more;
  }
}

core::Result<bool> CsvReader::RefuseLongLine() {
  row_.problem =
      "the line is longer than " + std::to_string(TextWindow::kMaximumRecordBytes) + " bytes";
  auto shown = window_.DropLongLine();
  if (!shown) return shown.error();
  row_.text = *shown;
  ++next_line_;
  return true;
}

CsvReader::Parsed CsvReader::ParseFields(std::string_view unread, bool at_end,
                                         std::size_t* row_end) {
  row_.fields.clear();
  unescaped_.clear();
  unescaped_.reserve(unread.size());
  std::size_t at = 0;
  std::size_t line_end = unread.find('\n');
  while (true) {
    if (at < unread.size() && unread[at] == '"') {
      const Parsed parsed = ParseQuotedField(unread, at_end, &at);
      if (parsed != Parsed::kWhole) return parsed;
    } else {
      if (line_end < at) line_end = unread.find('\n', at);
      const std::size_t delimiter = FindDelimiter(unread.substr(0, line_end), at);
      const std::size_t end = std::min(delimiter, line_end);
      if (end == std::string_view::npos && !at_end) return Parsed::kNeedsMore;
      std::string_view text = unread.substr(at, std::min(end, unread.size()) - at);
      at += text.size();
      if (end == std::string_view::npos || unread[end] == '\n') text = WithoutCarriageReturn(text);
      row_.fields.push_back({text, false});
    }
    if (at == unread.size() || unread[at] == '\n') break;
    at += delimiter_.size();
  }
  *row_end = at;
  return Parsed::kWhole;
}

CsvReader::Parsed CsvReader::ParseQuotedField(std::string_view unread, bool at_end,
                                              std::size_t* at) {
  const std::size_t start = unescaped_.size();
  std::size_t i = *at + 1;
  while (true) {
    const std::size_t special = unread.find_first_of("\"\\", i);
    // Whether a quote or a backslash escapes something is only known with the byte behind it.
    if (special == std::string_view::npos || (special + 1 == unread.size() && !at_end)) {
      return Parsed::kNeedsMore;
    }
    unescaped_.append(unread, i, special - i);
    const char next = special + 1 < unread.size() ? unread[special + 1] : '\n';
    if (next == '"' || (unread[special] == '\\' && next == '\\')) {
      unescaped_.push_back(next);
      i = special + 2;
      continue;
    }
    i = special + 1;
    if (unread[special] == '"') break;
    unescaped_.push_back('\\');
  }
  if (i < unread.size() && unread[i] == '\r') {
    if (i + 1 == unread.size() && !at_end) return Parsed::kNeedsMore;
    ++i;
  }
  // A delimiter of several bytes may be cut by the end of what is there.
  if (unread.size() - i < delimiter_.size() && !at_end) return Parsed::kNeedsMore;
  if (i < unread.size() && !unread.substr(i).starts_with(delimiter_) && unread[i] != '\n') {
    row_.problem =
        "column " + std::to_string(row_.fields.size() + 1) + ": text follows the closing quote";
    return Parsed::kBad;
  }
  row_.fields.push_back({std::string_view(unescaped_).substr(start), true});
  *at = i;
  return Parsed::kWhole;
}

void CsvReader::SplitPlain(std::string_view line) {
  while (true) {
    const std::size_t end = FindDelimiter(line, 0);
    row_.fields.push_back({line.substr(0, end), false});
    if (end == std::string_view::npos) return;
    line.remove_prefix(end + delimiter_.size());
  }
}

void CsvReader::Take(std::size_t end) {
  const std::string_view unread = window_.Unread();
  row_.text = WithoutCarriageReturn(unread.substr(0, end));
  next_line_ +=
      1 + static_cast<std::uint64_t>(std::count(row_.text.begin(), row_.text.end(), '\n'));
  window_.Drop(std::min(unread.size(), end + 1));
}

}  // namespace freshet::tools
