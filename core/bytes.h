// ByteWriter and ByteReader: the fixed little-endian encoding of everything Freshet stores. The
// layout of each stored value is written down beside its encoder and in docs/storage.md.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace freshet::core {

static_assert(std::endian::native == std::endian::little, "stored values are little-endian");

// Appends to a string that outlives it. Single-threaded.
class ByteWriter {
 public:
  explicit ByteWriter(std::string* out) : out_(out) {}

  template <typename T>
  requires std::is_arithmetic_v<T>
  void Number(T value) { out_->append(reinterpret_cast<const char*>(&value), sizeof(value)); }

  // LEB128, for counts and lengths.
  void Varint(std::uint64_t value) {
    while (value >= 0x80) {
      out_->push_back(static_cast<char>(value | 0x80));
      value >>= 7;
    }
    out_->push_back(static_cast<char>(value));
  }

  // Length as varint, then the bytes.
  void String(std::string_view text) {
    Varint(text.size());
    out_->append(text);
  }

  // `count` numbers side by side, without a length.
  template <typename T>
  requires std::is_arithmetic_v<T>
  void Array(const T* values, std::size_t count) {
    out_->append(reinterpret_cast<const char*>(values), count * sizeof(T));
  }

  // `count` numbers in as few bytes each as the largest needs: that width (0, 1, 2 or 4), then the
  // numbers.
  void Narrow(const std::uint32_t* values, std::size_t count) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < count; ++i) bits |= values[i];
    const std::uint8_t width = bits == 0 ? 0 : bits <= 0xFF ? 1 : bits <= 0xFFFF ? 2 : 4;
    Number(width);
    if (width == 1) Cut<std::uint8_t>(values, count);
    if (width == 2) Cut<std::uint16_t>(values, count);
    if (width == 4) Array(values, count);
  }

 private:
  template <typename T>
  void Cut(const std::uint32_t* values, std::size_t count) {
    const std::size_t start = out_->size();
    out_->resize(start + count * sizeof(T));
    char* to = out_->data() + start;
    for (std::size_t i = 0; i < count; ++i) {
      const T value = static_cast<T>(values[i]);
      std::memcpy(to + i * sizeof(T), &value, sizeof(T));
    }
  }

  std::string* out_;
};

// Reads what ByteWriter wrote, from bytes that outlive it. Reading past the end or a broken varint
// sets failed() for good and yields zeros and empty strings, so a decoder may read a whole value
// and check once at the end. Single-threaded.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  requires std::is_arithmetic_v<T> T Number() {
    static_assert(!std::is_same_v<T, bool>, "a stored byte need not be a valid bool");
    T value{};
    if (!Take(sizeof(value))) return value;
    std::memcpy(&value, bytes_.data() - sizeof(value), sizeof(value));
    return value;
  }

  std::uint64_t Varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = Number<std::uint8_t>();
      if (shift == 63 && byte > 1) break;  // more than 64 bits
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return failed_ ? 0 : value;
    }
    Fail();
    return 0;
  }

  // A view into the bytes given to the constructor.
  std::string_view String() {
    const std::uint64_t size = Varint();
    const char* start = bytes_.data();
    return Take(size) ? std::string_view(start, size) : std::string_view();
  }

  // A count of elements that take at least `element_bytes` each; fails when so many cannot follow,
  // so a damaged count never makes the caller allocate more than the value's own size.
  std::uint64_t Count(std::size_t element_bytes = 1) {
    const std::uint64_t count = Varint();
    if (count > bytes_.size() / element_bytes) {
      Fail();
      return 0;
    }
    return count;
  }

  template <typename T>
  requires std::is_arithmetic_v<T>
  void Array(T* values, std::size_t count) {
    const char* start = bytes_.data();
    if (count > bytes_.size() / sizeof(T)) return Fail();
    if (count > 0 && Take(count * sizeof(T))) std::memcpy(values, start, count * sizeof(T));
  }

  void Narrow(std::uint32_t* values, std::size_t count) {
    switch (Number<std::uint8_t>()) {
      case 0:
        return (void)std::fill_n(values, failed_ ? 0 : count, 0);
      case 1:
        return Widen<std::uint8_t>(values, count);
      case 2:
        return Widen<std::uint16_t>(values, count);
      case 4:
        return Array(values, count);
      default:
        return Fail();
    }
  }

  // What was read cannot be.
  void Fail() {
    failed_ = true;
    bytes_ = {};
  }
  [[nodiscard]] bool failed() const { return failed_; }
  // True when every byte was read and nothing failed.
  [[nodiscard]] bool done() const { return !failed_ && bytes_.empty(); }

 private:
  bool Take(std::uint64_t size) {
    if (failed_ || size > bytes_.size()) {
      Fail();
      return false;
    }
    bytes_.remove_prefix(size);
    return true;
  }

  template <typename T>
  void Widen(std::uint32_t* values, std::size_t count) {
    const char* start = bytes_.data();
    if (count > bytes_.size() / sizeof(T) || !Take(count * sizeof(T))) return Fail();
    for (std::size_t i = 0; i < count; ++i) {
      T value;
      std::memcpy(&value, start + i * sizeof(T), sizeof(T));
      values[i] = value;
    }
  }

  std::string_view bytes_;
  bool failed_ = false;
};

}  // namespace freshet::core
