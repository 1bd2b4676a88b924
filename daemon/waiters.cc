#include "daemon/waiters.h"

#include <utility>

namespace freshet::daemon {

bool Waiters::Park(Waiter* waiter) {
  for (const auto& [partition, offset] : waiter->wanted) {
    const auto reached = applied_.find(partition);
    if (offset <= (reached == applied_.end() ? 0 : reached->second)) continue;
    queues_[partition].emplace(offset, std::move(*waiter));
    return true;
  }
  return false;
}

void Waiters::Add(core::Positions wanted, Submitted done) {
  Waiter waiter{std::move(wanted), std::move(done)};
  std::optional<core::Error> error;
  {
    const std::lock_guard lock(mutex_);
    error = closed_;
    if (!error && Park(&waiter)) return;
  }
  if (error) {
    waiter.done(std::move(*error));
  } else {
    waiter.done(std::move(waiter.wanted));
  }
}

void Waiters::Advance(const core::Positions& applied) {
  std::vector<Waiter> passed;
  {
    const std::lock_guard lock(mutex_);
    applied_ = applied;
    for (const auto& [partition, offset] : applied) {
      const auto found = queues_.find(partition);
      if (found == queues_.end()) continue;
      Queue& queue = found->second;
      while (!queue.empty() && queue.begin()->first <= offset) {
        Waiter waiter = std::move(queue.extract(queue.begin()).mapped());
        if (!Park(&waiter)) passed.push_back(std::move(waiter));
      }
    }
  }
  for (Waiter& waiter : passed) waiter.done(std::move(waiter.wanted));
}

void Waiters::Close(const core::Error& error) {
  std::map<std::uint32_t, Queue> left;
  {
    const std::lock_guard lock(mutex_);
    closed_ = error;
    left.swap(queues_);
  }
  for (auto& [partition, queue] : left) {
    for (auto& [offset, waiter] : queue) waiter.done(error);
  }
}

std::size_t Waiters::size() const {
  const std::lock_guard lock(mutex_);
  std::size_t size = 0;
  for (const auto& [partition, queue] : queues_) size += queue.size();
  return size;
}

}  // namespace freshet::daemon
