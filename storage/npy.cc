#include "storage/npy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <fcntl.h>

#include "storage/file.h"

namespace freshet::storage {
namespace {

static_assert(std::endian::native == std::endian::little, "values are copied as they are");

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kAlignment = 64;  // of where the values begin
constexpr std::size_t kMaximumHeaderBytes = 1 << 16;
constexpr std::uint64_t kMaximumRows = 1ULL << 32;
constexpr std::uint64_t kMaximumDimension = 1ULL << 16;
constexpr float kMaximumValue = 1e9F;

struct Header {
  std::string text;
  std::uint64_t bytes = 0;  // of the file before the values
};

core::Error Damaged(const std::string& path, const std::string& what) {
  return core::Corruption(path + " " + what);
}

core::Result<Header> ReadHeader(const File& file, const std::string& path) {
  std::array<char, 12> start{};
  const auto read = ReadBytes(file, path, start.data(), 8);
  if (!read) return read.error();
  const std::string_view magic(start.data(), kMagic.size());
  if (*read < 8 || magic != kMagic) return Damaged(path, "is not a NumPy file (.npy)");
  const int version = static_cast<unsigned char>(start[6]);
  if (version < 1 || version > 3) {
    return Damaged(path,
                   "is of version " + std::to_string(version) + " of NumPy's format, not 1 to 3");
  }
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  const auto read_length = ReadBytes(file, path, start.data() + 8, length_bytes);
  if (!read_length) return read_length.error();
  std::size_t length = 0;
  for (std::size_t i = length_bytes; i-- > 0;) {
    length = length << 8 | static_cast<unsigned char>(start[8 + i]);
  }
  if (length > kMaximumHeaderBytes) return Damaged(path, "has a header that is too long");
  Header header{std::string(length, '\0'), 8 + length_bytes + length};
  const auto read_text = ReadBytes(file, path, header.text.data(), length);
  if (!read_text) return read_text.error();
  if (*read_length < length_bytes || *read_text < length) {
    return Damaged(path, "is cut short in its header");
  }
  return header;
}

// What stands in the header's dictionary after 'key': and spaces.
std::string_view Entry(std::string_view header, std::string_view key) {
  const std::size_t at = header.find("'" + std::string(key) + "'");
  if (at == std::string_view::npos) return {};
  header.remove_prefix(at + key.size() + 2);
  const std::size_t value = header.find_first_not_of(": ");
  return value == std::string_view::npos ? std::string_view() : header.substr(value);
}

// The number at the start of `text`, which moves behind it and what separates it from the next.
std::optional<std::uint64_t> TakeNumber(std::string_view* text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc()) return std::nullopt;
  text->remove_prefix(static_cast<std::size_t>(end - text->data()));
  text->remove_prefix(std::min(text->find_first_not_of(", "), text->size()));
  return number;
}

struct Shape {
  std::uint64_t rows = 0;
  std::uint64_t dimension = 0;
};

core::Result<Shape> ParseHeader(const std::string& path, std::string_view header) {
  const std::string_view type = Entry(header, "descr");
  if (!type.starts_with("'<f4'")) {
    return Damaged(path, "holds " + std::string(type.substr(0, type.find(','))) +
                             ", it must be little-endian float32, '<f4'");
  }
  if (!Entry(header, "fortran_order").starts_with("False")) {
    return Damaged(path, "is in Fortran order, it must be in C order: row after row");
  }
  std::string_view shape = Entry(header, "shape");
  if (shape.starts_with('(')) shape.remove_prefix(1);
  const auto rows = TakeNumber(&shape);
  const auto dimension = TakeNumber(&shape);
  if (!rows || !dimension || !shape.starts_with(')')) {
    return Damaged(path, "is not two-dimensional: rows times dimension");
  }
  if (*rows > kMaximumRows || *dimension > kMaximumDimension) {
    return Damaged(path, "says that it has " + std::to_string(*rows) + " rows of " +
                             std::to_string(*dimension) + " values, more than can be");
  }
  return Shape{*rows, *dimension};
}

bool IsUsable(float value) { return std::abs(value) < kMaximumValue; }  // not NaN either

core::Status CheckValues(const std::string& path, const core::FactorMatrix& matrix) {
  bool all_usable = true;
  for (const float value : matrix.values()) all_usable &= IsUsable(value);
  if (all_usable) return {};
  const auto values = matrix.values();
  const auto bad = std::find_if_not(values.begin(), values.end(), IsUsable);
  const auto at = static_cast<std::size_t>(bad - values.begin());
  return Damaged(path, "has " + std::to_string(*bad) + " in row " +
                           std::to_string(at / matrix.dimension()) + ", column " +
                           std::to_string(at % matrix.dimension()) +
                           ": values must be finite and smaller than 1e9");
}

}  // namespace

core::Result<core::FactorMatrix> ReadNpy(const std::string& path) {
  const auto file = OpenFile(path, O_RDONLY);
  if (!file) return file.error();
  const auto header = ReadHeader(*file, path);
  if (!header) return header.error();
  const auto shape = ParseHeader(path, header->text);
  if (!shape) return shape.error();
  const auto size = FileSize(*file, path);
  if (!size) return size.error();
  const std::uint64_t expected = header->bytes + shape->rows * shape->dimension * sizeof(float);
  if (*size != expected) {
    return Damaged(path,
                   "has " + std::to_string(*size) + " bytes, but " + std::to_string(shape->rows) +
                       " rows of " + std::to_string(shape->dimension) + " values make " +
                       std::to_string(expected) + (*size < expected ? ": it was cut short" : ""));
  }
  core::FactorMatrix matrix(shape->rows, shape->dimension);
  const auto values = std::as_writable_bytes(matrix.values());
  const auto read = ReadBytes(*file, path, reinterpret_cast<char*>(values.data()), values.size());
  if (!read) return read.error();
  if (*read != values.size()) return Damaged(path, "was cut short while it was read");
  FRESHET_RETURN_IF_ERROR(CheckValues(path, matrix));
  return matrix;
}

core::Status WriteNpy(const std::string& path, const core::FactorMatrix& matrix) {
  std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" +
                     std::to_string(matrix.rows()) + ", " + std::to_string(matrix.dimension()) +
                     "), }";
  const std::size_t before = kMagic.size() + 4;
  text.append(kAlignment - (before + text.size() + 1) % kAlignment, ' ');
  text += '\n';
  std::string header(kMagic);
  header += {1, 0, static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  header += text;
  const auto file = OpenFile(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file) return file.error();
  FRESHET_RETURN_IF_ERROR(WriteBytes(*file, path, header));
  const auto values = std::as_bytes(matrix.values());
  FRESHET_RETURN_IF_ERROR(
      WriteBytes(*file, path, {reinterpret_cast<const char*>(values.data()), values.size()}));
  return Sync(*file, path);
}

}  // namespace freshet::storage
