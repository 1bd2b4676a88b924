// FolderSink: imports into a data folder that no daemon has open, through the daemon's own engine.
//
// The caller's thread parses while the engine's applies; at most a bounded number of entries is
// under way between the two. Owned by the import; one thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/log_entry.h"
#include "core/result.h"
#include "daemon/engine.h"
#include "storage/data_folder.h"
#include "tools/entry_sink.h"
#include "tools/opened_folder.h"

namespace freshet::tools {

class FolderSink final : public EntrySink {
 public:
  // Opens the folder, loads its checkpoint and replays its tail.
  static core::Result<std::unique_ptr<FolderSink>> Open(const std::string& path,
                                                        const config::Settings& settings);

  ~FolderSink() override;
  FolderSink(const FolderSink&) = delete;
  FolderSink& operator=(const FolderSink&) = delete;

  core::Status Add(core::LogEntry&& entry, const RowOrigin& origin) override;
  core::Status Flush() override;
  core::Status Close() override;

  [[nodiscard]] std::uint64_t acknowledged() const override;
  std::uint64_t duplicates() override;

 private:
  FolderSink(std::string path, OpenedFolder opened, const config::Settings& settings);

  core::Status SubmitBatch();
  void OnSubmitted(std::size_t entries, const core::Result<core::Positions>& result);

  const std::string path_;
  const std::unique_ptr<storage::DataFolder> folder_;
  std::vector<core::LogEntry> batch_;

  mutable std::mutex mutex_;
  std::condition_variable less_under_way_;
  std::size_t under_way_ = 0;           // entries submitted and not acknowledged; guarded by mutex_
  std::uint64_t acknowledged_ = 0;      // guarded by mutex_
  std::optional<core::Error> failure_;  // the first one; guarded by mutex_

  std::unique_ptr<daemon::Engine> engine_;  // last: its threads use what stands above
};

}  // namespace freshet::tools
