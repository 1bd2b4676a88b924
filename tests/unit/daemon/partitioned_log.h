// PartitionedLog: an EventLog in memory that behaves as a broker does. Two partitions, appends that
// become durable on a thread of the log's own, entries that cannot be decoded, failures of
// delivery.
//
// Thread rules of EventLog; AddBadEntry and FailNextAppends may be called from any thread.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <limits>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "storage/event_log.h"

namespace freshet::daemon {

class PartitionedLog : public storage::EventLog {
 public:
  PartitionedLog() : thread_([this] { Deliver(); }) {}
  ~PartitionedLog() override {
    Close();
    thread_.join();
  }
  PartitionedLog(const PartitionedLog&) = delete;
  PartitionedLog& operator=(const PartitionedLog&) = delete;

  void AddBadEntry(std::uint32_t partition, std::string reason) {
    const std::lock_guard lock(mutex_);
    records_[partition].push_back({true, {}, std::move(reason)});
    changed_.notify_all();
  }

  // A message that holds several entries: they share its position.
  void AddMessage(std::uint32_t partition, std::vector<core::LogEntry> entries) {
    const std::lock_guard lock(mutex_);
    records_[partition].push_back({false, std::move(entries), {}});
    changed_.notify_all();
  }

  // While held back, Poll brings at most `messages` more, as a broker that is slow does.
  void HoldBackAfter(std::size_t messages) {
    const std::lock_guard lock(mutex_);
    allowed_ = messages;
    changed_.notify_all();
  }

  // While away, End and Poll say kUnavailable.
  void SetAway(bool away) {
    const std::lock_guard lock(mutex_);
    away_ = away;
    changed_.notify_all();
  }

  void FailNextAppends(int count) {
    const std::lock_guard lock(mutex_);
    failures_ = count;
  }

  core::Status Append(std::vector<core::LogEntry> entries, Appended appended) override {
    const std::lock_guard lock(mutex_);
    if (closed_) return core::Unavailable("closed");
    queue_.emplace_back(std::move(entries), std::move(appended));
    changed_.notify_all();
    return {};
  }

  core::Status Seek(const core::Positions& from) override {
    const std::lock_guard lock(mutex_);
    cursor_ = {{0, 0}, {1, 0}};
    for (const auto& [partition, offset] : from) cursor_[partition] = offset;
    return {};
  }

  core::Status Poll(std::size_t maximum, std::chrono::milliseconds wait,
                    storage::LogBatch* batch) override {
    batch->Clear();
    std::unique_lock lock(mutex_);
    changed_.wait_for(
        lock, wait, [&] { return interrupted_ || closed_ || away_ || (allowed_ > 0 && !AtEnd()); });
    interrupted_ = false;
    if (away_ && !closed_) return core::Unavailable("the broker is away");
    for (auto& [partition, offset] : cursor_) {
      const std::vector<Record>& records = records_[partition];
      for (; offset < records.size() && batch->entries.size() < maximum && allowed_ > 0; ++offset) {
        const Record& record = records[offset];
        const core::Position position{partition, offset};
        if (record.bad) batch->bad.push_back({position, 1, record.reason, "bytes"});
        for (const core::LogEntry& entry : record.entries) {
          batch->entries.push_back({position, 1'700'000'000'000, entry});
        }
        --allowed_;
      }
    }
    batch->next = cursor_;
    return {};
  }

  void Interrupt() override {
    const std::lock_guard lock(mutex_);
    interrupted_ = true;
    changed_.notify_all();
  }

  core::Status Trim(const core::Positions&) override { return {}; }

  core::Result<core::Positions> End() override {
    const std::lock_guard lock(mutex_);
    if (away_) return core::Unavailable("the broker is away");
    return core::Positions{{0, records_[0].size()}, {1, records_[1].size()}};
  }

  void Close() override {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  struct Record {
    bool bad;
    std::vector<core::LogEntry> entries;
    std::string reason;
  };

  // REQUIRES: mutex_ is held.
  [[nodiscard]] bool AtEnd() const {
    for (const auto& [partition, offset] : cursor_) {
      if (offset < records_[partition].size()) return false;
    }
    return true;
  }

  void Deliver() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return closed_ || !queue_.empty(); });
      if (queue_.empty()) return;
      auto [entries, appended] = std::move(queue_.front());
      queue_.pop_front();
      core::Result<core::Positions> result = Write(std::move(entries));
      lock.unlock();
      changed_.notify_all();
      appended(std::move(result));
      lock.lock();
    }
  }

  // REQUIRES: mutex_ is held.
  core::Result<core::Positions> Write(std::vector<core::LogEntry> entries) {
    if (closed_) return core::Unavailable("closed");
    if (failures_ > 0) {
      --failures_;
      return core::Unavailable("not delivered");
    }
    core::Positions positions;
    for (core::LogEntry& entry : entries) {
      const std::uint32_t partition = next_partition_++ % 2;
      records_[partition].push_back({false, {std::move(entry)}, {}});
      positions[partition] = records_[partition].size();
    }
    return positions;
  }

  std::mutex mutex_;  // guards everything below but the thread
  std::condition_variable changed_;
  std::array<std::vector<Record>, 2> records_;
  std::deque<std::pair<std::vector<core::LogEntry>, Appended>> queue_;
  core::Positions cursor_;
  std::uint32_t next_partition_ = 0;
  int failures_ = 0;
  std::size_t allowed_ = std::numeric_limits<std::size_t>::max();  // messages
  bool away_ = false;
  bool interrupted_ = false;
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace freshet::daemon
