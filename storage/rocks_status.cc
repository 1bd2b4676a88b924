#include "storage/rocks_status.h"

#include <string>
#include <string_view>

namespace freshet::storage {
namespace {

core::ErrorCode CodeOf(const rocksdb::Status& status) {
  if (status.IsNoSpace() || status.subcode() == rocksdb::Status::kSpaceLimit)
    return core::ErrorCode::kExhausted;
  if (status.IsCorruption() || status.IsPathNotFound()) return core::ErrorCode::kCorruption;
  if (status.IsIOError()) return core::ErrorCode::kIo;
  if (status.IsNotFound()) return core::ErrorCode::kNotFound;
  if (status.IsInvalidArgument()) return core::ErrorCode::kInvalidArgument;
  if (status.IsBusy() || status.IsTryAgain() || status.IsShutdownInProgress()) {
    return core::ErrorCode::kUnavailable;
  }
  return core::ErrorCode::kInternal;
}

}  // namespace

core::Error FromRocks(const rocksdb::Status& status) {
  std::string text = status.ToString();
  // RocksDB looks for a missing table under its old name too, and complains of that.
  constexpr std::string_view kOldName = ".ldb";
  for (std::size_t at = 0; (at = text.find(kOldName, at)) != std::string::npos;) {
    text.replace(at, kOldName.size(), ".sst");
  }
  return {CodeOf(status), "RocksDB: " + text};
}

core::Status FromRocksStatus(const rocksdb::Status& status) {
  if (status.ok()) return {};
  return FromRocks(status);
}

}  // namespace freshet::storage
