// CsvReader: the rows of a CSV file, one at a time.
//
// Quoting is RFC 4180's ("" is a quote, line ends may stand inside quotes) and Amazon Personalize's
// besides (\" and \\ inside quotes; a backslash before anything else stands for itself). A row that
// cannot be read is handed over as a bad one and reading goes on with the line after its first, so
// an open quote costs one row. Lines end with LF or CRLF; empty lines are skipped. Owned by its
// reader; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "tools/input_file.h"
#include "tools/text_window.h"

namespace freshet::tools {

struct CsvField {
  std::string_view text;
  bool quoted = false;
};

// A row as it was read. Views are valid until the next row is read.
struct CsvRow {
  std::uint64_t line = 0;  // of its first line; the file's first is 1
  std::string_view text;   // as it stands in the file, without the line end
  std::vector<CsvField> fields;
  std::string problem;  // why it cannot be read; empty in a good row
};

class CsvReader {
 public:
  // `delimiter` stands between fields: one byte or more, no quote and no line end.
  explicit CsvReader(std::unique_ptr<InputFile> file, std::string delimiter = ",");

  // The next row, or null at the end. Errors are those of InputFile::Read.
  core::Result<const CsvRow*> Next();

  [[nodiscard]] const InputFile& file() const { return window_.file(); }

 private:
  enum class Parsed { kWhole, kNeedsMore, kBad };

  [[nodiscard]] std::size_t FindDelimiter(std::string_view text, std::size_t from) const;
  core::Result<bool> ReadRow();
  core::Result<bool> ReadQuotedRow(std::size_t first_line_end);
  core::Result<bool> RefuseLongLine();
  // Reads fields from the start of `unread` until the row's end, which it leaves in `row_end`.
  Parsed ParseFields(std::string_view unread, bool at_end, std::size_t* row_end);
  // Reads one quoted field whose opening quote is at `*at`, which moves behind the closing one.
  Parsed ParseQuotedField(std::string_view unread, bool at_end, std::size_t* at);
  void SplitPlain(std::string_view line);
  // Makes the first `end` bytes of the window the row's text and moves on behind its line end.
  void Take(std::size_t end);

  TextWindow window_;
  const std::string delimiter_;
  CsvRow row_;
  std::string unescaped_;  // the fields that had escapes, together never longer than the row
  std::uint64_t next_line_ = 1;
};

}  // namespace freshet::tools
