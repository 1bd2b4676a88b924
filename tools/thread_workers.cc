#include "tools/thread_workers.h"

#include <algorithm>
#include <thread>
#include <vector>

namespace freshet::tools {

ThreadWorkers::ThreadWorkers(std::size_t count, const std::atomic<bool>* stop)
    : count_(count > 0 ? count : std::max(1U, std::thread::hardware_concurrency())), stop_(stop) {}

void ThreadWorkers::Run(std::size_t tasks, const Task& task) {
  // Tasks differ in size, so each worker takes the next when it has done one.
  std::atomic<std::size_t> next = 0;
  const auto work = [&](std::size_t worker) {
    for (std::size_t i = next++; i < tasks; i = next++) {
      if (stop_ == nullptr || !*stop_) task(worker, i);
    }
  };
  std::vector<std::jthread> others;
  for (std::size_t worker = 1; worker < std::min(count_, tasks); ++worker) {
    others.emplace_back(work, worker);
  }
  work(0);
}

}  // namespace freshet::tools
