#include "storage/journal_record.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/bytes.h"
#include "storage/checksum.h"
#include "storage/entry_codec.h"

namespace freshet::storage {
namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::size_t kSumAt = sizeof(kVersion);
constexpr std::size_t kSummedFrom = kSumAt + sizeof(std::uint64_t);
constexpr std::size_t kFullRecord = 64 * 1024;  // takes no further entry

void AddBad(std::uint64_t number, std::int64_t received_ms, std::string reason,
            std::string_view bytes, LogBatch* batch) {
  batch->bad.push_back({{0, number}, received_ms, std::move(reason), std::string(bytes)});
}

RecordHeader ReadHeader(core::ByteReader* reader) {
  RecordHeader header;
  reader->Number<std::uint8_t>();
  reader->Number<std::uint64_t>();
  header.previous_end = reader->Number<std::uint64_t>();
  header.received_ms = reader->Number<std::int64_t>();
  header.entry_count = reader->Number<std::uint16_t>();
  return header;
}

core::Error Damaged(std::uint64_t first, const std::string& what) {
  return core::Corruption("the journal's record of entry " + std::to_string(first) + " " + what);
}

}  // namespace

std::size_t EncodeRecord(std::span<const core::StampedEntry> entries, std::uint64_t previous_end,
                         std::string* out) {
  const std::size_t begin = out->size();
  core::ByteWriter writer(out);
  writer.Number(kVersion);
  writer.Number<std::uint64_t>(0);
  writer.Number(previous_end);
  writer.Number(entries.front().received_ms);
  const std::size_t count_at = out->size();
  writer.Number<std::uint16_t>(0);
  std::uint16_t count = 0;
  std::string bytes;
  const std::size_t most = std::min(entries.size(), kMaximumRecordEntries);
  while (count < most && out->size() - count_at < kFullRecord) {
    bytes.clear();
    EncodeEntry(entries[count].entry, &bytes);
    writer.String(bytes);
    ++count;
  }
  std::memcpy(out->data() + count_at, &count, sizeof(count));
  const std::string_view summed = std::string_view(*out).substr(begin + kSummedFrom);
  const std::uint64_t sum = Checksum(summed, entries.front().position.offset);
  std::memcpy(out->data() + begin + kSumAt, &sum, sizeof(sum));
  return count;
}

core::Result<RecordHeader> DecodeRecordHeader(std::uint64_t first, std::string_view record) {
  core::ByteReader reader(record);
  const auto version = reader.Number<std::uint8_t>();
  if (!reader.failed() && version != kVersion) {
    return Damaged(first, "has format version " + std::to_string(version) +
                              "; this program knows version " + std::to_string(kVersion));
  }
  const auto sum = reader.Number<std::uint64_t>();
  if (reader.failed() || Checksum(record.substr(kSummedFrom), first) != sum) {
    return Damaged(first, "is damaged: its checksum is another");
  }
  core::ByteReader again(record);
  const RecordHeader header = ReadHeader(&again);
  if (again.failed() || header.entry_count == 0 || header.entry_count > kMaximumRecordEntries) {
    return Damaged(first, "has a damaged header");
  }
  return header;
}

std::uint64_t DecodeRecord(std::uint64_t first, std::string_view record, std::uint64_t from,
                           std::size_t maximum, LogBatch* batch) {
  core::ByteReader reader(record);
  const RecordHeader header = ReadHeader(&reader);
  const std::uint64_t end = first + header.entry_count;
  for (std::uint64_t number = first; number < end; ++number) {
    if (number >= from && batch->entries.size() + batch->bad.size() >= maximum) return number;
    const std::string_view bytes = reader.String();
    if (reader.failed()) {
      AddBad(number, header.received_ms, "the journal record ends too early", record, batch);
      return end;
    }
    if (number < from) continue;
    core::Result<core::LogEntry> entry = DecodeEntry(bytes);
    if (entry) {
      batch->entries.push_back({{0, number}, header.received_ms, std::move(*entry)});
    } else {
      AddBad(number, header.received_ms, entry.error().message, bytes, batch);
    }
  }
  return end;
}

}  // namespace freshet::storage
