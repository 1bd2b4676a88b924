#include "daemon/kafka/lookout.h"

#include <utility>

namespace freshet::daemon::kafka {

using std::chrono::steady_clock;

Lookout::Lookout(std::function<Found()> look, const Pauses& pauses)
    : look_(std::move(look)), pauses_(pauses), thread_([this] { Run(); }) {}

Lookout::~Lookout() {
  Close();
  thread_.join();
}

void Lookout::Restart() {
  {
    const std::lock_guard lock(mutex_);
    ++run_;
    found_.reset();
    hurry_ = false;
    next_look_ = steady_clock::now() + pauses_.after_answer;
  }
  changed_.notify_all();
}

void Lookout::Hurry() {
  {
    const std::lock_guard lock(mutex_);
    hurry_ = true;
  }
  changed_.notify_all();
}

std::optional<Lookout::Found> Lookout::Take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(found_, std::nullopt);
}

void Lookout::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

void Lookout::Run() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return closed_ || run_ > 0; });
  while (!closed_) {
    if (!hurry_ && steady_clock::now() < next_look_) {
      changed_.wait_until(lock, next_look_);
      continue;
    }
    hurry_ = false;
    const std::uint64_t run = run_;
    lock.unlock();
    Found found = look_();
    lock.lock();
    if (run != run_) continue;
    next_look_ = steady_clock::now() + (found ? pauses_.after_answer : pauses_.after_failure);
    found_ = std::move(found);
  }
}

}  // namespace freshet::daemon::kafka
