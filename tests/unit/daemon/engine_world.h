// EngineWorld: a disk in memory on which engines are started, stopped and lost, one after the
// other, and what tests ask of them.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/dump.h"
#include "daemon/engine.h"
#include "storage/memory_log.h"
#include "storage/memory_store.h"

namespace freshet::daemon {

inline constexpr std::chrono::seconds kPatience{60};

// Waits until `reached`, failing the test after kPatience.
inline void WaitUntil(const std::function<bool()>& reached) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!reached()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::yield();
  }
}

// Forwards to another store until Cut(); from then on it takes every commit for written and keeps
// nothing of it: what the disk holds after the machine has died is what it held at the cut.
class CuttableStore : public storage::CheckpointStore {
 public:
  CuttableStore(std::unique_ptr<storage::CheckpointStore> store,
                std::shared_ptr<std::atomic<int>> commits_left)
      : store_(std::move(store)), commits_left_(std::move(commits_left)) {}

  core::Status Commit(const core::RowBatch& rows, const core::Positions& covered,
                      std::span<const storage::BadEntry> dead_letters) override {
    if (commits_left_->load() <= 0) return {};
    commits_left_->fetch_sub(1);
    return store_->Commit(rows, covered, dead_letters);
  }
  core::Status Load(const Visit& visit) override { return store_->Load(visit); }
  core::Result<core::Positions> Covered() override { return store_->Covered(); }
  core::Status Cut(const std::string& folder) override { return store_->Cut(folder); }
  core::Result<std::vector<storage::BadEntry>> DeadLetters() override {
    return store_->DeadLetters();
  }

 private:
  std::unique_ptr<storage::CheckpointStore> store_;
  std::shared_ptr<std::atomic<int>> commits_left_;
};

class EngineWorld {
 public:
  core::Settings settings;
  EngineOptions options;
  storage::JournalOptions journal;

  EngineWorld() {
    options.checkpoint_interval = std::chrono::milliseconds(5);
    options.checkpoint_encoding_share = 0;
    options.checkpoint_retry = {std::chrono::milliseconds(1), std::chrono::milliseconds(5)};
    options.log_retry = {std::chrono::milliseconds(1), std::chrono::milliseconds(5)};
  }

  // A new engine on this disk, not started.
  std::unique_ptr<Engine> Open(Engine::EffectObserver observe = {}) {
    auto store = std::make_unique<storage::MemoryStore>(storage::StoreOptions{}, contents_);
    store_ = store.get();
    return std::make_unique<Engine>(
        settings, std::make_unique<storage::MemoryLog>(journal, entries_),
        std::make_unique<CuttableStore>(std::move(store), commits_left_), options,
        std::move(observe));
  }

  std::unique_ptr<Engine> Start(Engine::EffectObserver observe = {}) {
    std::unique_ptr<Engine> engine = Open(std::move(observe));
    const core::Status started = engine->Start();
    EXPECT_TRUE(started.ok()) << started.error().message;
    return engine;
  }

  // What the disk's log teaches an engine that finds no checkpoint.
  std::string CleanReplay() {
    Engine engine(settings, std::make_unique<storage::MemoryLog>(journal, entries_),
                  std::make_unique<storage::MemoryStore>(), options);
    EXPECT_TRUE(engine.Start().ok());
    EXPECT_TRUE(engine.Stop().ok());
    return DumpOf(engine);
  }

  static std::string DumpOf(const Engine& stopped) {
    std::ostringstream out;
    core::Dump(stopped.state(), out);
    return out.str();
  }

  // The store of the newest engine: fails on demand.
  storage::MemoryStore& store() { return *store_; }
  storage::MemoryEntries& disk_of_log() { return *entries_; }
  storage::MemoryStore::Contents& disk_of_store() { return *contents_; }
  // Checkpoints that still reach the disk.
  std::atomic<int>& commits_left() { return *commits_left_; }

 private:
  std::shared_ptr<storage::MemoryEntries> entries_ = std::make_shared<storage::MemoryEntries>();
  std::shared_ptr<storage::MemoryStore::Contents> contents_ =
      std::make_shared<storage::MemoryStore::Contents>();
  std::shared_ptr<std::atomic<int>> commits_left_ = std::make_shared<std::atomic<int>>(1 << 30);
  storage::MemoryStore* store_ = nullptr;
};

// The `number`-th event of a stream in which users and items meet again and again.
inline core::LogEntry MakeEvent(std::uint64_t number, const std::string& event_id = {}) {
  core::Event event;
  event.user_id = "user-" + std::to_string(number * 7 % 13);
  event.session_id = "session-" + std::to_string(number * 7 % 13 + number / 100 * 100);
  event.item_id = "item-" + std::to_string(number * number % 31);
  event.event_type = number % 5 == 0 ? "purchase" : "view";
  event.time_ms = 1'700'000'000'000 + static_cast<std::int64_t>(number) * 1000;
  event.event_id = event_id;
  return event;
}

// Submits and waits for the outcome.
inline core::Result<core::Positions> SubmitAndWait(Engine* engine,
                                                   std::vector<core::LogEntry> entries) {
  auto promise = std::make_shared<std::promise<core::Result<core::Positions>>>();
  auto future = promise->get_future();
  engine->Submit(std::move(entries), [promise](core::Result<core::Positions> result) {
    promise->set_value(std::move(result));
  });
  if (future.wait_for(kPatience) != std::future_status::ready) {
    return core::Error{core::ErrorCode::kDeadline, "no answer to Submit"};
  }
  return future.get();
}

}  // namespace freshet::daemon
