#include "tools/folder_sink.h"

#include <utility>

#include "tools/bulk_options.h"
#include "tools/sync_files.h"

namespace freshet::tools {
namespace {

constexpr std::size_t kBatchEntries = 2048;
// Enough for the engine never to wait for the parser, few enough to stay in the caches.
constexpr std::size_t kMostUnderWay = 16 * kBatchEntries;

}  // namespace

core::Result<std::unique_ptr<FolderSink>> FolderSink::Open(const std::string& path,
                                                           const config::Settings& settings) {
  // Nobody waits for a single event here: one sync at the end costs less than one each group.
  config::Settings bulk = settings;
  bulk.log.durability = "os";
  auto opened = OpenFolder(path, bulk);
  if (!opened) return opened.error();
  std::unique_ptr<FolderSink> sink(new FolderSink(path, std::move(*opened), bulk));
  FRESHET_RETURN_IF_ERROR(sink->engine_->Start());
  return sink;
}

FolderSink::FolderSink(std::string path, OpenedFolder opened, const config::Settings& settings)
    : path_(std::move(path)),
      folder_(std::move(opened.folder)),
      engine_(std::make_unique<daemon::Engine>(settings.learning, std::move(opened.journal),
                                               std::move(opened.store), BulkOptions())) {}

FolderSink::~FolderSink() = default;

core::Status FolderSink::Add(core::LogEntry&& entry, const RowOrigin& /*origin*/) {
  batch_.push_back(std::move(entry));
  return batch_.size() < kBatchEntries ? core::Status() : SubmitBatch();
}

core::Status FolderSink::SubmitBatch() {
  const std::size_t count = batch_.size();
  {
    std::unique_lock lock(mutex_);
    less_under_way_.wait(
        lock, [&] { return failure_ || under_way_ == 0 || under_way_ + count <= kMostUnderWay; });
    if (failure_) return *failure_;
    under_way_ += count;
  }
  std::vector<core::LogEntry> batch;
  batch.reserve(kBatchEntries);
  batch.swap(batch_);
  engine_->Submit(std::move(batch), [this, count](const core::Result<core::Positions>& result) {
    OnSubmitted(count, result);
  });
  return {};
}

void FolderSink::OnSubmitted(std::size_t entries, const core::Result<core::Positions>& result) {
  const std::lock_guard lock(mutex_);
  under_way_ -= entries;
  if (result) {
    acknowledged_ += entries;
  } else if (!failure_) {
    failure_ = result.error();
  }
  // Under the lock: the waiter may destroy this as soon as it has seen the change.
  less_under_way_.notify_one();
}

core::Status FolderSink::Flush() {
  if (!batch_.empty()) FRESHET_RETURN_IF_ERROR(SubmitBatch());
  std::unique_lock lock(mutex_);
  less_under_way_.wait(lock, [&] { return under_way_ == 0; });
  return failure_ ? core::Status(*failure_) : core::Status();
}

core::Status FolderSink::Close() {
  core::Status flushed = Flush();
  core::Status stopped = engine_->Stop();
  core::Status synced = SyncFiles(path_);
  if (!flushed.ok()) return flushed;
  return stopped.ok() ? synced : stopped;
}

std::uint64_t FolderSink::acknowledged() const {
  const std::lock_guard lock(mutex_);
  return acknowledged_;
}

std::uint64_t FolderSink::duplicates() { return engine_->Status().duplicates; }

}  // namespace freshet::tools
