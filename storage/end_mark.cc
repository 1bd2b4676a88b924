#include "storage/end_mark.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/bytes.h"
#include "storage/checksum.h"

namespace freshet::storage {
namespace {

constexpr const char* kName = "/END";
constexpr const char* kBootIdFile = "/proc/sys/kernel/random/boot_id";
constexpr std::uint8_t kVersion = 1;
// Two slots in one sector, written in turns: a write that is torn leaves the other.
constexpr std::size_t kSlotBytes = 128;
constexpr std::size_t kSlots = 2;

// Names the machine's present run; empty where the system does not tell.
const std::string& BootId() {
  static const std::string id = [] {
    auto text = ReadFile(kBootIdFile, 36);
    return text ? *text : std::string();
  }();
  return id;
}

struct Slot {
  std::uint64_t serial = 0;
  std::string boot_id;
  Reach reach;
};

std::string Encode(const Slot& slot) {
  std::string body;
  core::ByteWriter writer(&body);
  writer.Number(kVersion);
  writer.Number(slot.serial);
  writer.Number(slot.reach.first);
  writer.Number(slot.reach.end);
  writer.Number(slot.reach.salvaged_to);
  writer.Number(slot.reach.stamped_at_us);
  writer.Number<std::uint8_t>(slot.reach.may_lose_end ? 1 : 0);
  writer.String(slot.boot_id);
  body.resize(kSlotBytes - sizeof(std::uint64_t));
  core::ByteWriter(&body).Number(Checksum(body));
  return body;
}

std::optional<Slot> Decode(std::string_view bytes) {
  const std::string_view body = bytes.substr(0, kSlotBytes - sizeof(std::uint64_t));
  if (core::ByteReader(bytes.substr(body.size())).Number<std::uint64_t>() != Checksum(body)) {
    return std::nullopt;
  }
  core::ByteReader reader(body);
  Slot slot;
  if (reader.Number<std::uint8_t>() != kVersion) return std::nullopt;
  slot.serial = reader.Number<std::uint64_t>();
  slot.reach.first = reader.Number<std::uint64_t>();
  slot.reach.end = reader.Number<std::uint64_t>();
  slot.reach.salvaged_to = reader.Number<std::uint64_t>();
  slot.reach.stamped_at_us = reader.Number<std::int64_t>();
  slot.reach.may_lose_end = reader.Number<std::uint8_t>() != 0;
  slot.boot_id = reader.String();
  if (reader.failed()) return std::nullopt;
  return slot;
}

core::Status WriteAt(const File& file, const std::string& path, std::string_view bytes,
                     std::size_t offset) {
  const ssize_t written =
      ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
  if (written == static_cast<ssize_t>(bytes.size())) return {};
  return SystemError(path, written < 0 ? errno : ENOSPC);
}

}  // namespace

bool EndMark::IsThere(const std::string& folder) {
  return ::access((folder + kName).c_str(), F_OK) == 0;
}

core::Status EndMark::Create(const std::string& folder, const Reach& reach) {
  const std::string bytes = Encode({1, BootId(), reach});
  return WriteFileAside(folder, kName + 1, bytes + bytes);
}

core::Result<EndMark> EndMark::Open(const std::string& folder) {
  const std::string path = folder + kName;
  if (!IsThere(folder)) return core::Corruption(path + " is missing");
  auto file = OpenFile(path, O_RDWR);
  if (!file) return file.error();
  const auto bytes = ReadFile(path, kSlots * kSlotBytes + 1);
  if (!bytes) return bytes.error();
  std::optional<Slot> newest;
  if (bytes->size() == kSlots * kSlotBytes) {
    for (std::size_t i = 0; i < kSlots; ++i) {
      auto slot = Decode(std::string_view(*bytes).substr(i * kSlotBytes, kSlotBytes));
      if (slot && (!newest || slot->serial > newest->serial)) newest = std::move(slot);
    }
  }
  if (!newest) return core::Corruption(path + " is damaged");
  EndMark mark(path, std::move(*file));
  mark.reach_ = newest->reach;
  mark.serial_ = newest->serial;
  mark.rebooted_ = newest->boot_id.empty() || newest->boot_id != BootId();
  return mark;
}

core::Status EndMark::Write(const Reach& reach) {
  const std::string bytes = Encode({serial_ + 1, BootId(), reach});
  FRESHET_RETURN_IF_ERROR(WriteAt(file_, path_, bytes, (serial_ + 1) % kSlots * kSlotBytes));
  ++serial_;
  reach_ = reach;
  return {};
}

core::Status EndMark::Sync() { return storage::Sync(file_, path_); }

}  // namespace freshet::storage
