#include "daemon/item_folding.h"

#include <utility>

namespace freshet::daemon {
namespace {

// Rests follow work of so long, and are so many times as long.
constexpr std::chrono::milliseconds kWork{1};
constexpr int kRestShare = 9;

}  // namespace

ItemFolding::ItemFolding(Engine* engine, Generations* generations, std::chrono::milliseconds pause,
                         std::size_t maximum_items)
    : generations_(generations),
      pause_(pause),
      query_(engine),
      fold_in_(maximum_items),
      thread_([this] { Run(); }) {}

ItemFolding::~ItemFolding() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ItemFolding::Run() {
  do {
    Walk();
  } while (Rest(pause_));
}

void ItemFolding::Walk() {
  const Generations::Served served = generations_->serving();
  if (served == nullptr || served->item_fold_in() == nullptr) return;
  Clock::time_point began = Clock::now();
  while (query_.Read([&](const core::State& state, core::QueryScratch*) {
    return fold_in_.Read(state, *served);
  })) {
    fold_in_.Compute(*served);
    const Clock::duration worked = Clock::now() - began;
    if (worked < kWork) continue;
    // Whoever has taken its place waits to free it.
    if (!Rest(kRestShare * worked) || generations_->serving() != served) return;
    began = Clock::now();
  }
  if (!fold_in_.has_news()) return;
  Generations::Served next = served->With(fold_in_.Take());
  generations_->Renew(served, std::move(next));
}

bool ItemFolding::Rest(Clock::duration time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [&] { return stop_; });
}

}  // namespace freshet::daemon
