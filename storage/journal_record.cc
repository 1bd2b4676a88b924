#include "storage/journal_record.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/bytes.h"
#include "storage/entry_codec.h"

namespace freshet::storage {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kFullRecord = 64 * 1024;  // takes no further entry

void AddBad(std::uint64_t number, std::int64_t received_ms, std::string reason,
            std::string_view bytes, LogBatch* batch) {
  batch->bad.push_back({{0, number}, received_ms, std::move(reason), std::string(bytes)});
}

core::Result<RecordHeader> ReadHeader(core::ByteReader* reader) {
  const auto version = reader->Number<std::uint8_t>();
  if (!reader->failed() && version != kVersion) {
    return core::Corruption("the journal record has format version " + std::to_string(version) +
                            "; this program knows version " + std::to_string(kVersion));
  }
  RecordHeader header;
  header.received_ms = reader->Number<std::int64_t>();
  header.entry_count = reader->Number<std::uint16_t>();
  if (reader->failed() || header.entry_count == 0 || header.entry_count > kMaximumRecordEntries) {
    return core::Corruption("the journal record has a damaged header");
  }
  return header;
}

}  // namespace

std::size_t EncodeRecord(std::span<const core::StampedEntry> entries, std::string* out) {
  core::ByteWriter writer(out);
  writer.Number(kVersion);
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
  return count;
}

core::Result<RecordHeader> DecodeRecordHeader(std::string_view record) {
  core::ByteReader reader(record);
  return ReadHeader(&reader);
}

std::uint64_t DecodeRecord(std::uint64_t first, std::string_view record, std::uint64_t from,
                           std::size_t maximum, LogBatch* batch) {
  core::ByteReader reader(record);
  const core::Result<RecordHeader> header = ReadHeader(&reader);
  if (!header) {
    AddBad(first, 0, header.error().message, record, batch);
    return first + 1;
  }
  const std::uint64_t end = first + header->entry_count;
  for (std::uint64_t number = first; number < end; ++number) {
    if (number >= from && batch->entries.size() + batch->bad.size() >= maximum) return number;
    const std::string_view bytes = reader.String();
    if (reader.failed()) {
      AddBad(number, header->received_ms, "the journal record ends too early", record, batch);
      return end;
    }
    if (number < from) continue;
    core::Result<core::LogEntry> entry = DecodeEntry(bytes);
    if (entry) {
      batch->entries.push_back({{0, number}, header->received_ms, std::move(*entry)});
    } else {
      AddBad(number, header->received_ms, entry.error().message, bytes, batch);
    }
  }
  return end;
}

}  // namespace freshet::storage
