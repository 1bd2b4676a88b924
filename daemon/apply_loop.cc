#include "daemon/apply_loop.h"

#include <algorithm>
#include <span>
#include <utility>

#include <spdlog/spdlog.h>

namespace freshet::daemon {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kCatchUpBatch = 4096;
constexpr std::size_t kEntriesBetweenClocks = 4;
// Nothing needs the loop more often than this: whoever has news interrupts its poll.
constexpr milliseconds kLongestPoll{1000};
constexpr milliseconds kLagInterval{100};
// Of the rows of a checkpoint, between two polls: some 100 us.
constexpr std::size_t kRowsAStep = 128;

}  // namespace

ApplyLoop::ApplyLoop(const Parts& parts, const EngineOptions& options)
    : parts_(parts),
      options_(options),
      foresight_(parts.state),
      learner_(&parts.state),
      quality_(parts.state.settings().campaigns, options.quality_time_share, options.quality_window,
               options.serving_factors),
      policy_({.interval = options.checkpoint_interval,
               .bytes = options.checkpoint_bytes,
               .encoding_share = options.checkpoint_encoding_share,
               .catch_up_bytes = options.checkpoint_catch_up_bytes}),
      retry_pause_(options.log_retry.first) {}

void ApplyLoop::Begin(const core::Positions& covered) {
  applied_ = covered;
  parts_.board.Update([&](EngineStatus* status) {
    status->applied = covered;
    status->checkpointed = covered;
  });
  NoteLag();
}

core::Status ApplyLoop::Run() {
  while (!stop_requested_.load()) {
    if (IsAheadOfCheckpoints()) {
      parts_.checkpointer.WaitIdle(kLagInterval);
      TendCheckpoints();
      continue;
    }
    const core::Status status = caught_up_
                                    ? Step(options_.poll_batch, PollWait())
                                    : Step(kCatchUpBatch, std::min(PollWait(), kLagInterval));
    NoteLog(status);
    NoteLag();
    TendCheckpoints();
    if (!status.ok()) WaitBeforeRetry();
  }
  return Finish();
}

void ApplyLoop::RequestStop() {
  {
    const std::lock_guard lock(stop_mutex_);
    stop_requested_.store(true);
  }
  stop_changed_.notify_all();
  parts_.log.Interrupt();
}

core::Status ApplyLoop::Step(std::size_t maximum, milliseconds wait) {
  FRESHET_RETURN_IF_ERROR(parts_.log.Poll(maximum, wait, &batch_));
  const std::size_t count = batch_.entries.size() + batch_.bad.size();
  // Without entries too: where a log begins to be read is kept before there is anything to read.
  const bool moves = applied_ != batch_.next;
  KeepBadEntries();
  ApplyBatch();
  if (moves) policy_.Changed(count, steady_clock::now());
  return {};
}

void ApplyLoop::KeepBadEntries() {
  if (batch_.bad.empty()) return;
  const std::size_t count = batch_.bad.size();
  for (storage::BadEntry& bad : batch_.bad) bad_.push_back(std::move(bad));
  if (bad_.size() > options_.maximum_dead_letters) {
    const std::size_t excess = bad_.size() - options_.maximum_dead_letters;
    bad_.erase(bad_.begin(), bad_.begin() + static_cast<std::ptrdiff_t>(excess));
  }
  parts_.board.Update([&](EngineStatus* status) { status->dead_letters += count; });
}

void ApplyLoop::ApplyBatch() {
  const std::span<const core::StampedEntry> entries(batch_.entries);
  std::size_t looked_at = 0;
  for (std::size_t next = 0; next < entries.size();) {
    const std::size_t first = next;
    duplicates_in_turn_ = 0;
    // Outside the gate: the only writer may read while queries do. Whoever is behind has no time
    // for questions.
    if (caught_up_) quality_.Consider(parts_.state, entries[first]);
    if (first >= looked_at) {
      foresight_.LookAt(entries.subspan(first));
      looked_at = first + core::Foresight::kMostEntries;
    }
    parts_.gate.Write([&] { next = ApplyTurn(first, looked_at); });
    const core::Position last = entries[next - 1].position;
    applied_[last.partition] = last.offset + 1;
    parts_.board.Update([&](EngineStatus* status) {
      status->applied[last.partition] = last.offset + 1;
      status->applied_entries += next - first;
      status->duplicates += duplicates_in_turn_;
    });
    parts_.waiters.Advance(applied_);
  }
  if (applied_ == batch_.next) return;
  applied_ = batch_.next;
  parts_.board.Update([&](EngineStatus* status) { status->applied = applied_; });
  parts_.waiters.Advance(applied_);
}

std::size_t ApplyLoop::ApplyTurn(std::size_t first, std::size_t looked_at) {
  const std::vector<core::StampedEntry>& entries = batch_.entries;
  // A turn stays within one partition, so that what it applied is one position.
  const std::uint32_t partition = entries[first].position.partition;
  const auto deadline = steady_clock::now() + options_.turn_time;
  std::size_t next = first;
  bool late = false;
  while (next < entries.size() && entries[next].position.partition == partition) {
    // A turn ends between positions: what was applied must be a position again.
    const bool over = next >= looked_at || late;
    if (over && entries[next].position != entries[next - 1].position) break;
    if (learner_.Apply(entries[next]) == core::Applied::kDuplicate) ++duplicates_in_turn_;
    ++next;
    late = late || ((next - first) % kEntriesBetweenClocks == 0 && steady_clock::now() >= deadline);
  }
  return next;
}

void ApplyLoop::NoteLog(const core::Status& status) {
  if (!status.ok() || log_fails_) parts_.board.SetLogFailure(status);
  if (!status.ok() && !log_fails_) {
    spdlog::error("the log fails, trying again: {}", status.error().message);
  }
  if (status.ok() && log_fails_) spdlog::info("the log works again");
  if (status.ok()) retry_pause_ = options_.log_retry.first;
  log_fails_ = !status.ok();
}

void ApplyLoop::WaitBeforeRetry() {
  std::unique_lock lock(stop_mutex_);
  stop_changed_.wait_for(lock, retry_pause_, [&] { return stop_requested_.load(); });
  retry_pause_ = std::min(retry_pause_ * 2, options_.log_retry.longest);
}

void ApplyLoop::NoteLag() {
  const auto now = steady_clock::now();
  const bool behind = caught_up_ && batch_.entries.size() >= options_.poll_batch;
  if (behind && now < next_lag_) return;
  next_lag_ = now + kLagInterval;
  core::Result<core::Positions> end = parts_.log.End();
  if (!end) return;
  const std::uint64_t lag = Distance(applied_, *end);
  if (!caught_up_) meter_.Note(now, applied_);
  parts_.board.Update([&](EngineStatus* status) {
    status->end = std::move(*end);
    status->catch_up_rate = meter_.rate();
  });
  if (caught_up_ || lag > options_.ready_lag_entries) return;
  caught_up_ = true;
  policy_.CaughtUp();
  spdlog::info("caught up with the log, {} entries left", lag);
  parts_.board.SetCaughtUp();
}

// Otherwise a checkpoint would grow for as long as the one before it is written, and the memory for
// it with the backlog. While checkpoints fail learning goes on: queries are to know all there is.
bool ApplyLoop::IsAheadOfCheckpoints() const {
  return !caught_up_ && !checkpoints_fail_ && policy_.IsFull() && parts_.checkpointer.busy();
}

void ApplyLoop::TendCheckpoints() {
  NoteCheckpointer();
  if (taking_) {
    TakeRows(kRowsAStep);
    return;
  }
  const auto now = steady_clock::now();
  const bool is_due = caught_up_ ? policy_.IsDue(now) : policy_.IsDueCatchingUp(now);
  if (is_due && !parts_.checkpointer.busy()) BeginCheckpoint();
}

void ApplyLoop::NoteCheckpointer() {
  const Checkpointer::Progress progress = parts_.checkpointer.progress();
  if (progress.tries == tries_noted_) return;
  tries_noted_ = progress.tries;
  const bool fails = !progress.last_try.ok();
  if (fails && !checkpoints_fail_) {
    spdlog::error("checkpoints fail, no more entries are taken until one succeeds: {}",
                  progress.last_try.error().message);
  }
  if (!fails && checkpoints_fail_) spdlog::info("checkpoints succeed again");
  if (fails || checkpoints_fail_) parts_.board.SetCheckpointFailure(progress.last_try);
  checkpoints_fail_ = fails;
  if (progress.written == checkpoints_noted_) return;
  checkpoints_noted_ = progress.written;
  parts_.board.Update([&](EngineStatus* status) {
    status->checkpointed = progress.covered;
    status->checkpoints = progress.written;
    status->last_checkpoint_seconds = progress.last_seconds;
    status->last_checkpoint_bytes = progress.last_bytes;
  });
  if (const core::Status trimmed = parts_.log.Trim(progress.covered); !trimmed.ok()) {
    spdlog::warn("cannot trim the log: {}", trimmed.error().message);
  }
}

// Outside the gate: this thread is the only writer, and queries do not look at the marks of what
// changed. What is applied before all rows are taken is of the checkpoint after this one.
void ApplyLoop::BeginCheckpoint() {
  const auto start = steady_clock::now();
  next_checkpoint_.rows = parts_.checkpointer.TakeRoom();
  const std::uint64_t bytes = std::min(policy_.ChangedBytes(), options_.checkpoint_catch_up_bytes);
  next_checkpoint_.rows.Reserve(bytes + bytes / 8);
  next_checkpoint_.covered = applied_;
  next_checkpoint_.dead_letters = std::exchange(bad_, {});
  // Catching up and stopping wait for it.
  const bool may_wait = options_.checkpoints_in_spare_time && caught_up_ && !stop_requested_.load();
  // Where so much changes, spare time would not be enough.
  next_checkpoint_.in_spare_time = may_wait && !policy_.IsFull();
  taking_.emplace(&next_checkpoint_.rows);
  parts_.state.TakeChangedRows(&*taking_);
  policy_.Begun();
  taking_time_ = steady_clock::now() - start;
  TakeRows(may_wait ? kRowsAStep : core::RowTaking::kAll);
}

void ApplyLoop::TakeRows(std::size_t count) {
  const auto start = steady_clock::now();
  const bool has_more = taking_->Continue(count);
  const auto now = steady_clock::now();
  taking_time_ += now - start;
  if (has_more) return;
  taking_.reset();
  policy_.Taken(next_checkpoint_.rows.bytes(), taking_time_, now);
  parts_.checkpointer.Begin(std::exchange(next_checkpoint_, {}));
}

milliseconds ApplyLoop::PollWait() const {
  if (taking_) return milliseconds(0);
  // While one is being written the checkpointer's own report ends the poll.
  if (!policy_.changed() || parts_.checkpointer.busy()) return kLongestPoll;
  const auto left = std::chrono::ceil<milliseconds>(policy_.due() - steady_clock::now());
  return std::clamp(left, milliseconds(0), kLongestPoll);
}

core::Status ApplyLoop::Finish() {
  parts_.log.Close();
  core::Status status;
  do {
    status = Step(options_.poll_batch, milliseconds(0));
  } while (status.ok() && !(batch_.entries.empty() && batch_.bad.empty()));
  if (!status.ok()) {
    spdlog::warn("stopping before the end of the log, the next start replays the rest: {}",
                 status.error().message);
  }
  core::Status last = LastCheckpoint();
  NoteCheckpointer();
  parts_.waiters.Close(core::Unavailable("stopping"));
  return last;
}

core::Status ApplyLoop::LastCheckpoint() {
  if (taking_) {
    next_checkpoint_.in_spare_time = false;
    TakeRows(core::RowTaking::kAll);
  }
  FRESHET_RETURN_IF_ERROR(parts_.checkpointer.Flush());
  if (!policy_.changed()) return {};
  BeginCheckpoint();
  return parts_.checkpointer.Flush();
}

}  // namespace freshet::daemon
