#include "storage/rocks_status.h"

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
  return {CodeOf(status), "RocksDB: " + status.ToString()};
}

core::Status FromRocksStatus(const rocksdb::Status& status) {
  if (status.ok()) return {};
  return FromRocks(status);
}

}  // namespace freshet::storage
