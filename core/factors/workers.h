// Workers: the threads that somebody lends to a factorisation. core has none of its own.
//
// What is computed never depends on how many workers there are or on who does which task.
#pragma once

#include <cstddef>
#include <functional>

namespace freshet::core {

class Workers {
 public:
  // Called with a worker's number, below count(), and a task's. Calls with one worker's number
  // follow each other; others run beside them.
  using Task = std::function<void(std::size_t worker, std::size_t task)>;

  virtual ~Workers() = default;

  [[nodiscard]] virtual std::size_t count() const = 0;

  // Runs tasks 0 to `tasks` - 1, each once, and returns when all are done.
  virtual void Run(std::size_t tasks, const Task& task) = 0;
};

// The thread that calls, alone.
class CallingThread final : public Workers {
 public:
  [[nodiscard]] std::size_t count() const override { return 1; }
  void Run(std::size_t tasks, const Task& task) override {
    for (std::size_t i = 0; i < tasks; ++i) task(0, i);
  }
};

}  // namespace freshet::core
