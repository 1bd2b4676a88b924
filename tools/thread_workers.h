// ThreadWorkers: threads for a factorisation (core/factors/workers.h).
//
// Owned by a command; one thread calls. Threads live for one Run: starting them takes a few tens of
// microseconds, a run takes milliseconds or more.
#pragma once

#include <atomic>
#include <cstddef>

#include "core/factors/workers.h"

namespace freshet::tools {

class ThreadWorkers final : public core::Workers {
 public:
  // A count of 0: as many as there are cores. Once `stop` (may be null) is set, tasks that nobody
  // has begun are left out: what was to be computed is then not to be used.
  explicit ThreadWorkers(std::size_t count, const std::atomic<bool>* stop = nullptr);

  [[nodiscard]] std::size_t count() const override { return count_; }
  void Run(std::size_t tasks, const Task& task) override;

 private:
  std::size_t count_;
  const std::atomic<bool>* stop_;
};

}  // namespace freshet::tools
