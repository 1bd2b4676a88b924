// MemoryBudget: how many bytes all connections together may hold for bodies that arrive and answers
// that are not read.
//
// Owned by the Server; thread-safe. Each connection has Shares of it, which give back what they
// hold when they end.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace freshet::daemon::http {

class MemoryBudget {
 public:
  class Share;

  explicit MemoryBudget(std::uint64_t limit) : limit_(limit) {}

  [[nodiscard]] std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool HasRoomFor(std::uint64_t bytes) const {
    return bytes <= limit_ && used() <= limit_ - bytes;
  }

 private:
  bool TryTake(std::uint64_t bytes) {
    if (used_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= limit_) return true;
    Return(bytes);
    return false;
  }
  void Return(std::uint64_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

  const std::uint64_t limit_;
  std::atomic<std::uint64_t> used_{0};
};

// One use of the budget. Single-threaded; the budget outlives it.
class MemoryBudget::Share {
 public:
  explicit Share(MemoryBudget* budget) : budget_(budget) {}
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;
  ~Share() { Release(); }

  // Holds `bytes` in all from now on. False, and as before, when the budget has no room for more.
  bool TryHold(std::size_t bytes) {
    if (bytes > held_ && !budget_->TryTake(bytes - held_)) return false;
    if (bytes < held_) budget_->Return(held_ - bytes);
    held_ = bytes;
    return true;
  }
  void Release() {
    if (held_ > 0) budget_->Return(held_);
    held_ = 0;
  }
  [[nodiscard]] bool HasRoomFor(std::uint64_t bytes) const { return budget_->HasRoomFor(bytes); }

 private:
  MemoryBudget* budget_;
  std::size_t held_ = 0;
};

}  // namespace freshet::daemon::http
