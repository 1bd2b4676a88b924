#include "storage/store_values.h"

#include <algorithm>

#include "core/bytes.h"

namespace freshet::storage {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

std::string EncodePositions(const core::Positions& positions) {
  std::string bytes;
  core::ByteWriter writer(&bytes);
  writer.Number(kVersion);
  writer.Varint(positions.size());
  for (const auto& [partition, offset] : positions) {
    writer.Number(partition);
    writer.Number(offset);
  }
  return bytes;
}

core::Result<core::Positions> DecodePositions(std::string_view bytes) {
  constexpr std::size_t kPositionBytes = 12;
  core::ByteReader reader(bytes);
  const auto version = reader.Number<std::uint8_t>();
  core::Positions positions;
  const std::uint64_t count = reader.Count(kPositionBytes);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto partition = reader.Number<std::uint32_t>();
    positions[partition] = reader.Number<std::uint64_t>();
  }
  if (version != kVersion || !reader.done()) return core::Corruption("damaged log positions");
  return positions;
}

std::string EncodeDeadLetter(const BadEntry& letter, std::size_t maximum_bytes) {
  std::string bytes;
  core::ByteWriter writer(&bytes);
  writer.Number(kVersion);
  writer.Number(letter.position.partition);
  writer.Number(letter.position.offset);
  writer.Number(letter.received_ms);
  writer.String(letter.reason);
  writer.String(std::string_view(letter.bytes).substr(0, maximum_bytes));
  return bytes;
}

core::Result<BadEntry> DecodeDeadLetter(std::string_view bytes) {
  core::ByteReader reader(bytes);
  const auto version = reader.Number<std::uint8_t>();
  BadEntry letter;
  letter.position.partition = reader.Number<std::uint32_t>();
  letter.position.offset = reader.Number<std::uint64_t>();
  letter.received_ms = reader.Number<std::int64_t>();
  letter.reason = reader.String();
  letter.bytes = reader.String();
  if (version != kVersion || !reader.done()) return core::Corruption("damaged dead letter");
  return letter;
}

std::string NumberKey(std::uint64_t number) {
  std::string key(sizeof(number), '\0');
  for (std::size_t i = 0; i < key.size(); ++i) {
    key[i] = static_cast<char>(number >> (8 * (key.size() - 1 - i)));
  }
  return key;
}

bool ParseNumberKey(std::string_view key, std::uint64_t* number) {
  if (key.size() != sizeof(*number)) return false;
  *number = 0;
  for (const char c : key) *number = (*number << 8) | static_cast<unsigned char>(c);
  return true;
}

}  // namespace freshet::storage
