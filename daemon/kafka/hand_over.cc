#include "daemon/kafka/hand_over.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace freshet::daemon::kafka {
namespace {

std::size_t CountOf(const Chunk& chunk) { return chunk.entries.size() + chunk.bad.size(); }

template <typename T>
void MoveAll(std::vector<T>* from, std::vector<T>* to) {
  // Not where it fits: the batch keeps its memory from one poll to the next.
  if (to->empty() && to->capacity() < from->size()) {
    to->swap(*from);
    return;
  }
  std::move(from->begin(), from->end(), std::back_inserter(*to));
}

void Advance(const core::Positions& by, core::Positions* positions) {
  for (const auto& [partition, offset] : by) (*positions)[partition] = offset;
}

}  // namespace

std::uint64_t HandOver::Restart(const core::Positions& from) {
  const std::lock_guard lock(mutex_);
  chunks_.clear();
  entries_ = 0;
  bytes_ = 0;
  delivered_ = from;
  failure_ = {};
  changed_.notify_all();
  return ++run_;
}

bool HandOver::Push(std::uint64_t run, Chunk chunk) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return closed_ || run != run_ || !full(); });
  if (closed_ || run != run_) return false;
  entries_ += CountOf(chunk);
  bytes_ += chunk.bytes;
  chunks_.push_back(std::move(chunk));
  changed_.notify_all();
  return true;
}

void HandOver::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

void HandOver::Fail(core::Status why) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(why);
  changed_.notify_all();
}

core::Status HandOver::Take(std::size_t maximum, std::chrono::milliseconds wait,
                            storage::LogBatch* batch) {
  batch->Clear();
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, wait,
                    [&] { return interrupted_ || closed_ || !chunks_.empty() || !failure_.ok(); });
  interrupted_ = false;
  if (chunks_.empty() && !failure_.ok() && !closed_) return failure_;
  while (!chunks_.empty() && batch->entries.size() + chunks_.front().entries.size() <= maximum) {
    TakeWhole(batch);
  }
  if (!chunks_.empty() && batch->entries.empty() && batch->bad.empty()) TakePart(maximum, batch);
  batch->next = delivered_;
  changed_.notify_all();
  return {};
}

void HandOver::Interrupt() {
  const std::lock_guard lock(mutex_);
  interrupted_ = true;
  changed_.notify_all();
}

bool HandOver::full() const {
  return !chunks_.empty() && (entries_ >= limits_.entries || bytes_ >= limits_.bytes);
}

void HandOver::TakeWhole(storage::LogBatch* batch) {
  Chunk& chunk = chunks_.front();
  entries_ -= CountOf(chunk);
  bytes_ -= chunk.bytes;
  Advance(chunk.next, &delivered_);
  MoveAll(&chunk.entries, &batch->entries);
  MoveAll(&chunk.bad, &batch->bad);
  chunks_.pop_front();
}

void HandOver::TakePart(std::size_t maximum, storage::LogBatch* batch) {
  Chunk& chunk = chunks_.front();
  std::size_t count = std::max<std::size_t>(maximum, 1);
  while (count < chunk.entries.size() &&
         chunk.entries[count].position == chunk.entries[count - 1].position) {
    ++count;
  }
  if (count >= chunk.entries.size()) return TakeWhole(batch);
  const auto end = chunk.entries.begin() + static_cast<std::ptrdiff_t>(count);
  for (auto it = chunk.entries.begin(); it != end; ++it) {
    delivered_[it->position.partition] = it->position.offset + 1;
    batch->entries.push_back(std::move(*it));
  }
  chunk.entries.erase(chunk.entries.begin(), end);
  // Bad entries between the good ones go with them.
  const auto is_later = [&](const storage::BadEntry& bad) {
    const auto it = delivered_.find(bad.position.partition);
    return it == delivered_.end() || bad.position.offset >= it->second;
  };
  const auto later =
      std::stable_partition(chunk.bad.begin(), chunk.bad.end(),
                            [&](const storage::BadEntry& bad) { return !is_later(bad); });
  std::move(chunk.bad.begin(), later, std::back_inserter(batch->bad));
  chunk.bad.erase(chunk.bad.begin(), later);
  entries_ -= batch->entries.size() + batch->bad.size();
}

}  // namespace freshet::daemon::kafka
