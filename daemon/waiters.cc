#include "daemon/waiters.h"

#include <utility>
#include <vector>

namespace freshet::daemon {

bool Waiters::Park(Waiter* waiter) {
  for (const auto& [partition, offset] : waiter->wanted) {
    const auto reached = applied_.find(partition);
    if (offset <= (reached == applied_.end() ? 0 : reached->second)) continue;
    const Place place{partition, offset, waiter->ticket};
    queue_.emplace(place, std::move(*waiter));
    return true;
  }
  return false;
}

Waiters::Ticket Waiters::Add(core::Positions wanted, Submitted done) {
  Waiter waiter{kNone, std::move(wanted), std::move(done)};
  std::optional<core::Error> error;
  {
    const std::lock_guard lock(mutex_);
    error = closed_;
    const Ticket ticket = ++last_ticket_;
    waiter.ticket = ticket;
    if (!error && Park(&waiter)) return ticket;
  }
  if (error) {
    waiter.done(std::move(*error));
  } else {
    waiter.done(std::move(waiter.wanted));
  }
  return kNone;
}

void Waiters::Remove(const core::Positions& wanted, Ticket ticket) {
  std::map<Place, Waiter>::node_type removed;  // its callback is destroyed outside the lock
  const std::lock_guard lock(mutex_);
  for (const auto& [partition, offset] : wanted) {
    removed = queue_.extract(Place{partition, offset, ticket});
    if (removed) return;
  }
}

void Waiters::Advance(const core::Positions& applied) {
  std::vector<Waiter> passed;
  {
    const std::lock_guard lock(mutex_);
    applied_ = applied;
    for (const auto& [partition, offset] : applied) {
      for (;;) {
        const auto first = queue_.lower_bound(Place{partition, 0, kNone});
        const bool covered = first != queue_.end() && first->first.partition == partition &&
                             first->first.offset <= offset;
        if (!covered) break;
        Waiter waiter = std::move(queue_.extract(first).mapped());
        if (!Park(&waiter)) passed.push_back(std::move(waiter));
      }
    }
  }
  for (Waiter& waiter : passed) waiter.done(std::move(waiter.wanted));
}

void Waiters::Close(const core::Error& error) {
  std::map<Place, Waiter> left;
  {
    const std::lock_guard lock(mutex_);
    closed_ = error;
    left.swap(queue_);
  }
  for (auto& [place, waiter] : left) waiter.done(error);
}

std::size_t Waiters::size() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

}  // namespace freshet::daemon
