#include "storage/entry_codec.h"

#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "core/bytes.h"
#include "core/column_codec.h"

namespace freshet::storage {
namespace {

using core::ByteReader;
using core::ByteWriter;

constexpr std::uint8_t kVersion = 1;

// Numbers on disk: never reuse one.
enum Kind : std::uint8_t {
  kEvent = 1,
  kPutItem = 2,
  kDeleteItem = 3,
  kPutUser = 4,
  kDeleteUser = 5,
};
// Which of an event's seldom members follow, in this order.
enum Member : std::uint8_t {
  kHasValue = 1,
  kHasEventId = 2,
  kHasRecommendationId = 4,
  kHasImpression = 8,
  kHasProperties = 16,
  kHasAttributionSource = 32,
};
constexpr std::uint8_t kKnownMembers = 63;

std::uint8_t MembersOf(const core::Event& event) {
  unsigned members = 0;
  if (event.value) members |= kHasValue;
  if (!event.event_id.empty()) members |= kHasEventId;
  if (!event.recommendation_id.empty()) members |= kHasRecommendationId;
  if (!event.impression.empty()) members |= kHasImpression;
  if (!event.properties.empty()) members |= kHasProperties;
  if (!event.attribution_source.empty()) members |= kHasAttributionSource;
  return static_cast<std::uint8_t>(members);
}

// One overload a kind: its number, then its fields.
void Write(const core::Event& event, ByteWriter* writer) {
  const std::uint8_t members = MembersOf(event);
  writer->Number<std::uint8_t>(kEvent);
  writer->String(event.user_id);
  writer->String(event.session_id);
  writer->String(event.item_id);
  writer->String(event.event_type);
  writer->Number(event.time_ms);
  writer->Number(members);
  if (members == 0) return;
  if (event.value) writer->Number(*event.value);
  if ((members & kHasEventId) != 0) writer->String(event.event_id);
  if ((members & kHasRecommendationId) != 0) writer->String(event.recommendation_id);
  if ((members & kHasImpression) != 0) {
    writer->Varint(event.impression.size());
    for (const std::string& item : event.impression) writer->String(item);
  }
  if ((members & kHasProperties) != 0) writer->String(event.properties);
  if ((members & kHasAttributionSource) != 0) writer->String(event.attribution_source);
}

void Write(const core::PutItem& put, ByteWriter* writer) {
  writer->Number<std::uint8_t>(kPutItem);
  writer->String(put.item_id);
  core::EncodeColumns(put.columns, writer);
}

void Write(const core::DeleteItem& erase, ByteWriter* writer) {
  writer->Number<std::uint8_t>(kDeleteItem);
  writer->String(erase.item_id);
}

void Write(const core::PutUser& put, ByteWriter* writer) {
  writer->Number<std::uint8_t>(kPutUser);
  writer->String(put.user_id);
  core::EncodeColumns(put.columns, writer);
}

void Write(const core::DeleteUser& erase, ByteWriter* writer) {
  writer->Number<std::uint8_t>(kDeleteUser);
  writer->String(erase.user_id);
}

// Readers return false for a number this version does not know; bytes that are missing show in
// reader->failed().
bool Read(ByteReader* reader, core::Event* event) {
  event->user_id = reader->String();
  event->session_id = reader->String();
  event->item_id = reader->String();
  event->event_type = reader->String();
  event->time_ms = reader->Number<std::int64_t>();
  const auto members = reader->Number<std::uint8_t>();
  if ((members & ~kKnownMembers) != 0) return false;
  if (members == 0) return true;
  if ((members & kHasValue) != 0) event->value = reader->Number<double>();
  if ((members & kHasEventId) != 0) event->event_id = reader->String();
  if ((members & kHasRecommendationId) != 0) event->recommendation_id = reader->String();
  if ((members & kHasImpression) != 0) {
    const std::uint64_t count = reader->Count();
    event->impression.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) event->impression.emplace_back(reader->String());
  }
  if ((members & kHasProperties) != 0) event->properties = reader->String();
  if ((members & kHasAttributionSource) != 0) event->attribution_source = reader->String();
  return true;
}

bool Read(ByteReader* reader, core::PutItem* put) {
  put->item_id = reader->String();
  return core::DecodeColumns(reader, &put->columns);
}

bool Read(ByteReader* reader, core::DeleteItem* erase) {
  erase->item_id = reader->String();
  return true;
}

bool Read(ByteReader* reader, core::PutUser* put) {
  put->user_id = reader->String();
  return core::DecodeColumns(reader, &put->columns);
}

bool Read(ByteReader* reader, core::DeleteUser* erase) {
  erase->user_id = reader->String();
  return true;
}

template <typename T>
core::Result<core::LogEntry> ReadAll(ByteReader* reader) {
  core::LogEntry entry{std::in_place_type<T>};
  const bool known = Read(reader, &std::get<T>(entry));
  if (reader->failed()) return core::Corruption("the entry ends too early");
  if (!known) return core::Corruption("the entry has a member that this version does not know");
  if (!reader->done()) return core::Corruption("the entry is followed by other bytes");
  return entry;
}

}  // namespace

void EncodeEntry(const core::LogEntry& entry, std::string* out) {
  ByteWriter writer(out);
  writer.Number(kVersion);
  std::visit([&](const auto& kind) { Write(kind, &writer); }, entry);
}

core::Result<core::LogEntry> DecodeEntry(std::string_view bytes) {
  ByteReader reader(bytes);
  const auto version = reader.Number<std::uint8_t>();
  const auto kind = reader.Number<std::uint8_t>();
  if (reader.failed()) return core::Corruption("the entry ends too early");
  if (version != kVersion) {
    return core::Corruption("the entry has format version " + std::to_string(version) +
                            "; this program knows version " + std::to_string(kVersion));
  }
  switch (kind) {
    case kEvent:
      return ReadAll<core::Event>(&reader);
    case kPutItem:
      return ReadAll<core::PutItem>(&reader);
    case kDeleteItem:
      return ReadAll<core::DeleteItem>(&reader);
    case kPutUser:
      return ReadAll<core::PutUser>(&reader);
    case kDeleteUser:
      return ReadAll<core::DeleteUser>(&reader);
    default:
      return core::Corruption("the entry is of kind " + std::to_string(kind) +
                              ", which this program does not know");
  }
}

}  // namespace freshet::storage
