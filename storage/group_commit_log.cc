#include "storage/group_commit_log.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <utility>

namespace freshet::storage {
namespace {

constexpr std::uint32_t kPartition = 0;
// Bounds what one write takes, and so how long those wait who come just after it began.
constexpr std::size_t kMaximumGroup = 8192;

void Fail(const std::vector<PendingAppend>& appends, const core::Error& error) {
  for (const PendingAppend& append : appends) {
    if (append.appended) append.appended(error);
  }
}

}  // namespace

GroupCommitLog::GroupCommitLog(std::unique_ptr<EntryTable> table,
                               std::size_t maximum_queued_entries, Clocks clocks)
    : table_(std::move(table)),
      clock_(std::move(clocks), table_->last_received_ms(), table_->idle_us()),
      queue_(maximum_queued_entries),
      cursor_(table_->first()) {}

GroupCommitLog::~GroupCommitLog() { Fail(queue_.Close(), core::Unavailable("the log is closed")); }

core::Status GroupCommitLog::Append(std::vector<core::LogEntry> entries, Appended appended) {
  return queue_.Push(std::move(entries), std::move(appended));
}

core::Status GroupCommitLog::Seek(const core::Positions& from) {
  const auto it = from.find(kPartition);
  const std::uint64_t wanted = it == from.end() || it->second == 0 ? table_->first() : it->second;
  if (wanted < table_->first()) {
    return core::InvalidArgument("the log was asked for entry " + std::to_string(wanted) +
                                 ", but its first retained entry is " +
                                 std::to_string(table_->first()));
  }
  if (wanted > table_->next()) FRESHET_RETURN_IF_ERROR(table_->SkipTo(wanted));
  cursor_ = wanted;
  committed_.clear();
  handed_out_ = 0;
  return {};
}

core::Status GroupCommitLog::Poll(std::size_t maximum, std::chrono::milliseconds wait,
                                  LogBatch* batch) {
  batch->Clear();
  batch->next[kPartition] = cursor_;
  if (core::Status status = table_->Recover(); !status.ok()) {
    const bool reads_on = table_->readable() && cursor_ < table_->next() && committed_.empty();
    Fail(queue_.Take(SIZE_MAX, reads_on ? std::chrono::milliseconds(0) : wait), status.error());
    if (!reads_on) return status;
  }
  if (cursor_ < table_->next() && committed_.empty()) {
    core::Result<std::uint64_t> read_to = table_->Read(cursor_, maximum, batch);
    if (!read_to) return read_to.error();
    cursor_ = *read_to;
    batch->next[kPartition] = cursor_;
    return {};
  }
  if (committed_.empty()) FRESHET_RETURN_IF_ERROR(CommitQueued(wait));
  HandOut(maximum, batch);
  return {};
}

core::Status GroupCommitLog::CommitQueued(std::chrono::milliseconds wait) {
  std::vector<PendingAppend> appends = queue_.Take(kMaximumGroup, wait);
  if (appends.empty()) return {};
  Stamp(&appends);
  if (!committed_.empty()) {
    if (core::Status status = table_->Write(committed_); !status.ok()) {
      committed_.clear();
      Fail(appends, status.error());
      return status;
    }
  }
  std::uint64_t number = cursor_;
  for (const PendingAppend& append : appends) {
    number += append.entries.size();
    if (append.appended) append.appended(core::Positions{{kPartition, number}});
  }
  return {};
}

// Moves the entries into committed_, numbered from the cursor on; `appends` keeps their count.
void GroupCommitLog::Stamp(std::vector<PendingAppend>* appends) {
  const std::int64_t received_ms = std::max(clock_.NowMs(), table_->last_received_ms());
  std::uint64_t number = cursor_;
  std::size_t count = 0;
  for (const PendingAppend& append : *appends) count += append.entries.size();
  committed_.reserve(count);
  for (PendingAppend& append : *appends) {
    for (core::LogEntry& entry : append.entries) {
      committed_.push_back({{kPartition, number++}, received_ms, std::move(entry)});
    }
  }
}

void GroupCommitLog::HandOut(std::size_t maximum, LogBatch* batch) {
  const std::size_t left = committed_.size() - handed_out_;
  const std::size_t count = std::min(maximum, left);
  if (count == committed_.size()) {
    batch->entries.swap(committed_);
  } else {
    const auto begin = committed_.begin() + static_cast<std::ptrdiff_t>(handed_out_);
    std::move(begin, begin + static_cast<std::ptrdiff_t>(count),
              std::back_inserter(batch->entries));
  }
  handed_out_ += count;
  if (count == left) {
    committed_.clear();
    handed_out_ = 0;
  }
  cursor_ += count;
  batch->next[kPartition] = cursor_;
}

void GroupCommitLog::Interrupt() { queue_.Interrupt(); }

core::Status GroupCommitLog::Trim(const core::Positions& covered) {
  const auto it = covered.find(kPartition);
  if (it == covered.end()) return {};
  FRESHET_RETURN_IF_ERROR(table_->Recover());
  return table_->Trim(std::min({it->second, table_->next(), cursor_}), clock_.NowMs());
}

core::Result<core::Positions> GroupCommitLog::End() {
  return core::Positions{{kPartition, table_->next()}};
}

void GroupCommitLog::Close() { Fail(queue_.Close(), core::Unavailable("the log is closed")); }

}  // namespace freshet::storage
