#include "tools/file_form.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/ascii.h"
#include "core/byte_order_mark.h"
#include "tools/printable_text.h"

namespace freshet::tools {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::string_view bytes;
  std::string_view what;  // "... is WHAT"
};

constexpr std::array<Signature, 20> kSignatures = {{
    {"\x1f\x8b"sv, "gzip packed twice: unpack it once"},
    {"BZh"sv, "packed by bzip2: unpack it, or pack it with gzip"},
    {"\xFD\x37zXZ\0"sv, "packed by xz: unpack it, or pack it with gzip"},
    {"\x28\xB5\x2F\xFD"sv, "packed by zstd: unpack it, or pack it with gzip"},
    {"\x04\x22\x4D\x18"sv, "packed by lz4: unpack it, or pack it with gzip"},
    {"\xFF\x06\0\0sNaPpY"sv, "packed by snappy: unpack it, or pack it with gzip"},
    {"7z\xBC\xAF\x27\x1C"sv, "a 7-Zip archive: unpack it and name the files in it"},
    {"Rar!\x1A"sv, "a RAR archive: unpack it and name the files in it"},
    {"PAR1"sv, "a Parquet file: write it as CSV or as JSON lines"},
    {"ORC"sv, "an ORC file: write it as CSV or as JSON lines"},
    {"Obj\x01"sv, "an Avro file: write it as CSV or as JSON lines"},
    {"ARROW1"sv, "an Arrow file: write it as CSV or as JSON lines"},
    {"SEQ\x06"sv, "a Hadoop sequence file: write it as CSV or as JSON lines"},
    {"\x89HDF"sv, "an HDF5 file: write it as CSV or as JSON lines"},
    {"SQLite format 3"sv, "an SQLite database: write its table as CSV"},
    {"\xD0\xCF\x11\xE0"sv, "a workbook of an old Excel: save it as CSV (UTF-8)"},
    {"%PDF"sv, "a PDF"},
    {"\x7F"
     "ELF"sv,
     "a program"},
    {"<?xml"sv, "XML: write it as CSV or as JSON lines"},
    {"<!DOCTYPE"sv, "a web page, not the file that was to be downloaded"},
}};

// The names of a ZIP archive's first entries tell a workbook.
std::string ZipKind(std::string_view bytes) {
  const bool is_office = bytes.find("[Content_Types].xml") != std::string_view::npos ||
                         bytes.find("_rels/.rels") != std::string_view::npos;
  if (!is_office) return "a ZIP archive: unpack it and name the files in it";
  return "an Excel workbook or another document of an office: save it as CSV (UTF-8)";
}

// UTF-16 and UTF-32, with a mark or told by the zeros between letters.
bool IsWideText(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE"sv) || bytes.starts_with("\xFE\xFF"sv)) return true;
  if (bytes.starts_with("\0\0\xFE\xFF"sv)) return true;
  constexpr std::size_t kLooked = 64;
  const std::string_view looked = bytes.substr(0, kLooked);
  const auto zeros = static_cast<std::size_t>(std::count(looked.begin(), looked.end(), '\0'));
  return looked.size() >= 8 && zeros * 5 >= looked.size() * 2;
}

// A name of a column may begin as a signature of letters does.
bool HasSignature(std::string_view bytes, std::string_view signature) {
  if (!bytes.starts_with(signature)) return false;
  const auto is_letter = [](char c) { return core::IsUpper(c) || core::IsLower(c); };
  if (!is_letter(signature.front()) || !is_letter(signature[1])) return true;
  constexpr std::size_t kLooked = 64;
  const std::string_view looked = bytes.substr(0, kLooked);
  return PrintableText(looked) != looked;
}

bool IsTar(std::string_view bytes) {
  constexpr std::size_t kPlace = 257;
  return bytes.size() > kPlace && bytes.substr(kPlace).starts_with("ustar");
}

// What a file that is no text is; empty for text.
std::string BinaryKind(std::string_view bytes) {
  if (bytes.starts_with("PK\x03\x04"sv) || bytes.starts_with("PK\x05\x06"sv)) {
    return ZipKind(bytes);
  }
  for (const Signature& one : kSignatures) {
    if (HasSignature(bytes, one.bytes)) return std::string(one.what);
  }
  if (bytes.starts_with("<html")) return "a web page, not the file that was to be downloaded";
  if (IsTar(bytes)) return "a tar archive: unpack it and name the files in it";
  if (IsWideText(bytes)) {
    return "UTF-16, not UTF-8: convert it, for example with iconv -f UTF-16 -t UTF-8";
  }
  constexpr std::size_t kLooked = 4096;
  if (bytes.substr(0, kLooked).find('\0') != std::string_view::npos) {
    return "no text: there are zero bytes in it";
  }
  return {};
}

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view WithoutBlanks(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

bool HoldsLines(std::string_view path) {
  if (path.ends_with(".gz")) path.remove_suffix(3);
  return path.ends_with(".ndjson") || path.ends_with(".jsonl");
}

// What stands between the fields of `line` instead of `delimiter`; empty when nothing does.
std::string_view OtherDelimiter(std::string_view line, std::string_view delimiter) {
  if (line.find(delimiter) != std::string_view::npos) return {};
  for (const std::string_view other : {"::"sv, "\t"sv, ";"sv, "|"sv, "\x01"sv, ","sv}) {
    if (line.find(other) != std::string_view::npos) return other;
  }
  return {};
}

std::string DelimiterAdvice(std::string_view delimiter) {
  if (delimiter == "\t") return "tabs between the fields: add --delimiter tab";
  if (delimiter == "\x01") {
    return "the byte 1 between the fields, as Hive's tables have: add --delimiter '\\x01' and "
           "--columns";
  }
  const std::string quoted = "'" + std::string(delimiter) + "'";
  return std::string(delimiter) + " between the fields: add --delimiter " + quoted;
}

core::Error Refused(std::string_view path, const std::string& words) {
  return core::InvalidArgument(std::string(path) + words);
}

}  // namespace

core::Result<FileForm> FormOf(std::string_view path, std::string_view beginning,
                              std::string_view delimiter) {
  if (const std::string kind = BinaryKind(beginning); !kind.empty()) {
    return Refused(path, " is " + kind);
  }
  const std::string_view text = core::WithoutByteOrderMark(beginning);
  if (text.find('\n') == std::string_view::npos) {
    const std::size_t cr = text.find('\r');
    if (cr != std::string_view::npos && cr + 1 < text.size()) {
      return Refused(path,
                     ": its lines end with CR alone; convert it, for example with "
                     "tr '\\r' '\\n'");
    }
  }
  const std::string_view filled = WithoutBlanks(text);
  const std::string_view line = WithoutBlanks(filled.substr(0, filled.find('\n')));
  if (line.starts_with('[')) return FileForm::kJsonValues;
  if (line == "{") return FileForm::kJsonValues;
  if (line.starts_with('{') || HoldsLines(path)) return FileForm::kJsonLines;
  const std::string_view other = OtherDelimiter(line, delimiter);
  if (!other.empty()) return Refused(path, " has " + DelimiterAdvice(other));
  return FileForm::kTable;
}

}  // namespace freshet::tools
