#include "storage/rocks_tables_mark.h"

#include <cstdint>
#include <fstream>
#include <string_view>

#include <fcntl.h>

#include "storage/checksum.h"
#include "storage/file.h"

namespace freshet::storage {
namespace {

constexpr std::size_t kMaximumManifestBytes = 64 << 20;
constexpr const char* kName = "/TABLES";

std::string CurrentManifest(const std::string& folder) {
  std::string name;
  std::ifstream(folder + "/CURRENT") >> name;
  return name;
}

}  // namespace

core::Status RocksTablesMark::Check(const std::string& folder) {
  std::string manifest;
  std::uint64_t size = 0;
  std::uint64_t sum = 0;
  if (!(std::ifstream(folder + kName) >> manifest >> size >> sum)) return {};
  if (CurrentManifest(folder) != manifest) return {};  // RocksDB has begun a new one since
  const std::string path = folder + "/" + manifest;
  const auto bytes = ReadFile(path, kMaximumManifestBytes);
  if (!bytes) return core::Corruption(path + " is missing or cannot be read");
  if (bytes->size() < size) {
    return core::Corruption(path + " has lost its end: it is " + std::to_string(bytes->size()) +
                            " bytes long and was " + std::to_string(size));
  }
  if (Checksum(std::string_view(*bytes).substr(0, size)) == sum) return {};
  return core::Corruption(path + " is damaged: its checksum is not the one in " + folder + kName);
}

void RocksTablesMark::Write() {
  const std::lock_guard lock(mutex_);
  const std::string manifest = CurrentManifest(folder_);
  const std::string path = folder_ + "/" + manifest;
  const auto bytes = ReadFile(path, kMaximumManifestBytes);
  if (!bytes) return;
  const std::string text = manifest + " " + std::to_string(bytes->size()) + " " +
                           std::to_string(Checksum(*bytes)) + "\n";
  if (text == written_) return;
  // Another thread may be writing to it: what the mark promises has to be on the disk.
  const auto file = OpenFile(path, O_RDONLY);
  if (!file || !Sync(*file, path).ok()) return;
  if (WriteFileAside(folder_, kName + 1, text).ok()) written_ = text;
}

}  // namespace freshet::storage
