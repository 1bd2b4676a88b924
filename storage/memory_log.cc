#include "storage/memory_log.h"

#include <algorithm>
#include <utility>

namespace freshet::storage {

std::optional<core::Error> MemoryEntries::Failure::Take() {
  if (times == 0) return std::nullopt;
  --times;
  return error;
}

void MemoryEntries::FailNextWrites(core::Error error, int times) {
  const std::lock_guard lock(mutex_);
  write_failure_ = {std::move(error), times};
}

void MemoryEntries::FailNextReads(core::Error error, int times) {
  const std::lock_guard lock(mutex_);
  read_failure_ = {std::move(error), times};
}

class MemoryEntryTable : public EntryTable {
 public:
  MemoryEntryTable(std::shared_ptr<MemoryEntries> disk, std::int64_t retention_ms)
      : disk_(std::move(disk)), retention_ms_(retention_ms) {}

  [[nodiscard]] std::uint64_t first() const override {
    const std::lock_guard lock(disk_->mutex_);
    return disk_->first_;
  }

  [[nodiscard]] std::uint64_t next() const override {
    const std::lock_guard lock(disk_->mutex_);
    return disk_->next_;
  }

  [[nodiscard]] std::int64_t last_received_ms() const override {
    const std::lock_guard lock(disk_->mutex_);
    return disk_->last_received_ms_;
  }

  core::Status Write(std::span<const core::StampedEntry> entries) override {
    const std::lock_guard lock(disk_->mutex_);
    if (auto error = disk_->write_failure_.Take()) return *std::move(error);
    disk_->entries_.insert(disk_->entries_.end(), entries.begin(), entries.end());
    disk_->next_ = entries.back().position.offset + 1;
    disk_->last_received_ms_ = entries.back().received_ms;
    return {};
  }

  core::Result<std::uint64_t> Read(std::uint64_t from, std::size_t maximum,
                                   LogBatch* batch) override {
    const std::lock_guard lock(disk_->mutex_);
    if (auto error = disk_->read_failure_.Take()) return *std::move(error);
    auto it = std::partition_point(
        disk_->entries_.begin(), disk_->entries_.end(),
        [&](const core::StampedEntry& entry) { return entry.position.offset < from; });
    for (; it != disk_->entries_.end() && batch->entries.size() < maximum; ++it) {
      batch->entries.push_back(*it);
    }
    return it == disk_->entries_.end() ? disk_->next_ : it->position.offset;
  }

  core::Status SkipTo(std::uint64_t next) override {
    const std::lock_guard lock(disk_->mutex_);
    disk_->next_ = next;
    if (disk_->entries_.empty()) disk_->first_ = next;
    return {};
  }

  core::Status Trim(std::uint64_t covered, std::int64_t now_ms) override {
    const std::lock_guard lock(disk_->mutex_);
    auto& entries = disk_->entries_;
    while (entries.size() > 1 && entries.front().position.offset < covered &&
           entries.front().received_ms <= now_ms - retention_ms_) {
      entries.pop_front();
      disk_->first_ = entries.front().position.offset;
    }
    return {};
  }

  core::Status Recover() override { return {}; }
  [[nodiscard]] bool readable() const override { return true; }

 private:
  std::shared_ptr<MemoryEntries> disk_;
  const std::int64_t retention_ms_;
};

MemoryLog::MemoryLog(const JournalOptions& options, std::shared_ptr<MemoryEntries> disk,
                     Clocks clocks)
    : GroupCommitLog(std::make_unique<MemoryEntryTable>(disk, options.retention_ms),
                     options.maximum_queued_entries, std::move(clocks)),
      disk_(std::move(disk)) {}

void MemoryLog::FailNextWrites(core::Error error, int times) {
  disk_->FailNextWrites(std::move(error), times);
}

void MemoryLog::FailNextReads(core::Error error, int times) {
  disk_->FailNextReads(std::move(error), times);
}

}  // namespace freshet::storage
