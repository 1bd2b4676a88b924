#include "tests/unit/storage/fault_fs.h"

#include <filesystem>
#include <utility>

namespace freshet::storage {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class FaultFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name, FaultFs* fs)
      : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)), fs_(fs) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    if (!fs_->Strikes(false)) return Write(data, options, context);
    if (fs_->fault_ == Fault::kWriteHalf) {
      Write(Slice(data.data(), data.size() / 2), options, context).PermitUncheckedError();
    }
    return fs_->Error();
  }

  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*verification*/,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }

  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    if (fs_->Strikes(true)) return fs_->Error();
    const IOStatus status = target()->Sync(options, context);
    if (status.ok()) fs_->Synced(name_, size_);
    return status;
  }

  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return Sync(options, context);
  }

 private:
  IOStatus Write(const Slice& data, const IOOptions& options, IODebugContext* context) {
    const IOStatus status = target()->Append(data, options, context);
    if (status.ok()) size_ += data.size();
    return status;
  }

  const std::string name_;
  FaultFs* const fs_;
  std::uint64_t size_ = 0;
};

void FaultFs::FailNth(Fault fault, std::uint64_t nth, bool stays_broken, bool no_space) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  countdown_ = nth;
  stays_broken_ = stays_broken;
  broken_ = false;
  struck_ = false;
  no_space_ = no_space;
}

void FaultFs::Heal() {
  const std::lock_guard lock(mutex_);
  countdown_ = 0;
  broken_ = false;
}

bool FaultFs::struck() {
  const std::lock_guard lock(mutex_);
  return struck_;
}

bool FaultFs::Strikes(bool is_sync) {
  const std::lock_guard lock(mutex_);
  if (broken_) return true;
  if (countdown_ == 0 || is_sync != (fault_ == Fault::kSync)) return false;
  if (--countdown_ > 0) return false;
  struck_ = true;
  broken_ = stays_broken_;
  return true;
}

IOStatus FaultFs::Error() const {
  return no_space_ ? IOStatus::NoSpace("injected") : IOStatus::IOError("injected");
}

void FaultFs::Synced(const std::string& name, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  synced_bytes_[name] = size;
}

void FaultFs::LosePower() {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, size] : synced_bytes_) {
    std::error_code ignored;
    if (std::filesystem::exists(name, ignored)) std::filesystem::resize_file(name, size);
  }
}

IOStatus FaultFs::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                  std::unique_ptr<rocksdb::FSWritableFile>* file,
                                  IODebugContext* context) {
  std::unique_ptr<rocksdb::FSWritableFile> real;
  const IOStatus status = target()->NewWritableFile(name, options, &real, context);
  if (!status.ok()) return status;
  Synced(name, 0);
  *file = std::make_unique<FaultFile>(std::move(real), name, this);
  return status;
}

IOStatus FaultFs::RenameFile(const std::string& from, const std::string& to,
                             const IOOptions& options, IODebugContext* context) {
  const IOStatus status = target()->RenameFile(from, to, options, context);
  const std::lock_guard lock(mutex_);
  if (auto moved = synced_bytes_.extract(from); status.ok() && !moved.empty()) {
    synced_bytes_[to] = moved.mapped();
  }
  return status;
}

IOStatus FaultFs::DeleteFile(const std::string& name, const IOOptions& options,
                             IODebugContext* context) {
  const IOStatus status = target()->DeleteFile(name, options, context);
  const std::lock_guard lock(mutex_);
  if (status.ok()) synced_bytes_.erase(name);
  return status;
}

}  // namespace freshet::storage
