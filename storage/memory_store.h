// MemoryStore: a CheckpointStore in memory, for tests.
//
// One thread at a time, but FailNextCommits may be called from any thread. Its contents may be
// shared, so that a store opened later finds what an earlier one left.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/checkpoint_store.h"
#include "storage/options.h"

namespace freshet::storage {

class MemoryStore : public CheckpointStore {
 public:
  // The stand-in for a disk. Thread-safe by the mutex in it.
  struct Contents {
    std::mutex mutex;  // guards the rest
    std::map<std::pair<core::Table, std::string>, std::string> rows;
    core::Positions covered;
    std::deque<BadEntry> dead_letters;
  };

  explicit MemoryStore(const StoreOptions& options = {},
                       std::shared_ptr<Contents> contents = std::make_shared<Contents>())
      : options_(options), contents_(std::move(contents)) {}

  core::Status Commit(const core::RowBatch& rows, const core::Positions& covered,
                      std::span<const BadEntry> dead_letters) override;
  core::Status Load(const Visit& visit) override;
  core::Result<core::Positions> Covered() override;
  // There is no folder in memory: kUnavailable.
  core::Status Cut(const std::string& folder) override;
  core::Result<std::vector<BadEntry>> DeadLetters() override;

  // The next `times` commits fail with `error` and change nothing.
  void FailNextCommits(core::Error error, int times = 1);

 private:
  const StoreOptions options_;
  std::shared_ptr<Contents> contents_;
  core::Error failure_;  // these two are guarded by contents_->mutex
  int failures_left_ = 0;
};

}  // namespace freshet::storage
