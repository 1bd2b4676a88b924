#include "daemon/checkpointer.h"

#include <algorithm>
#include <cassert>
#include <system_error>
#include <utility>

#include "daemon/spare_time.h"

namespace freshet::daemon {
namespace {

// A machine that was too busy for the last checkpoint has the next one written all the same.
constexpr double kPatienceSeconds = 10;
constexpr std::size_t kKeptBytes = 64U << 20;

}  // namespace

Checkpointer::Checkpointer(storage::CheckpointStore* store, RetryPauses pauses,
                           std::function<void()> report)
    : store_(store), pauses_(pauses), report_(std::move(report)), thread_([this] { Run(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool Checkpointer::busy() const {
  const std::lock_guard lock(mutex_);
  return current_.has_value();
}

void Checkpointer::WaitIdle(std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, longest, [&] { return !current_; });
}

Checkpointer::Progress Checkpointer::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

core::RowBatch Checkpointer::TakeRoom() {
  const std::lock_guard lock(mutex_);
  return std::exchange(room_, {});
}

void Checkpointer::Begin(Checkpoint checkpoint) {
  {
    const std::lock_guard lock(mutex_);
    assert(!current_);
    current_ = std::move(checkpoint);
  }
  changed_.notify_all();
}

core::Status Checkpointer::Flush() {
  std::unique_lock lock(mutex_);
  // One try may be under way already; the one after it began later than this call.
  const std::uint64_t enough = progress_.tries + 2;
  hurry_ = true;
  store_->SetPace(storage::Pace::kFull);
  changed_.notify_all();
  changed_.wait(lock, [&] { return !current_ || progress_.tries >= enough; });
  hurry_ = false;
  return current_ ? progress_.last_try : core::Status();
}

void Checkpointer::Run() {
  std::chrono::milliseconds pause = pauses_.first;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stop_ || current_ || cut_ != nullptr; });
    if (stop_) return;
    if (cut_ != nullptr) MakeCut(&lock);
    if (!current_) continue;
    if (Try(&lock)) {
      pause = pauses_.first;
      continue;
    }
    changed_.wait_for(lock, pause, [&] { return stop_ || hurry_ || cut_ != nullptr; });
    pause = std::min(pause * 2, pauses_.longest);
  }
}

core::Status Checkpointer::Cut(const std::string& folder) {
  CutWanted wanted{folder, std::nullopt};
  std::unique_lock lock(mutex_);
  cut_ = &wanted;
  changed_.notify_all();
  changed_.wait(lock, [&] { return wanted.status.has_value(); });
  return *std::move(wanted.status);
}

void Checkpointer::MakeCut(std::unique_lock<std::mutex>* lock) {
  CutWanted& wanted = *std::exchange(cut_, nullptr);
  lock->unlock();
  core::Status status = store_->Cut(wanted.folder);
  lock->lock();
  wanted.status = std::move(status);
  changed_.notify_all();
}

bool Checkpointer::Try(std::unique_lock<std::mutex>* lock) {
  const bool in_spare_time =
      current_->in_spare_time && !hurry_ && progress_.last_seconds < kPatienceSeconds;
  store_->SetPace(in_spare_time ? storage::Pace::kGentle : storage::Pace::kFull);
  lock->unlock();
  const auto start = std::chrono::steady_clock::now();
  core::Status status = Commit(in_spare_time);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  lock->lock();
  ++progress_.tries;
  const bool written = status.ok();
  if (written) {
    ++progress_.written;
    progress_.covered = std::move(current_->covered);
    progress_.last_seconds = taken.count();
    progress_.last_bytes = current_->rows.bytes();
    if (current_->rows.held_bytes() <= kKeptBytes) room_ = std::move(current_->rows);
    room_.Clear();
    current_.reset();
  }
  progress_.last_try = std::move(status);
  changed_.notify_all();
  lock->unlock();
  report_();
  lock->lock();
  return written;
}

core::Status Checkpointer::Commit(bool in_spare_time) {
  core::Status status;
  const auto commit = [&] {
    status = store_->Commit(current_->rows, current_->covered, current_->dead_letters);
  };
  std::thread spare;
  if (in_spare_time) {
    // On a thread of its own: none comes back from spare time.
    try {
      spare = std::thread([&] {
        UseSpareTimeOnly();
        commit();
      });
    } catch (const std::system_error&) {
      // There may be no more threads; then this one.
    }
  }
  if (spare.joinable()) {
    spare.join();
  } else {
    commit();
  }
  return status;
}

}  // namespace freshet::daemon
