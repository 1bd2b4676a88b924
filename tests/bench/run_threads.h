// Two threads that share out numbered work.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>

namespace freshet::bench {

inline void RunOnTwoThreads(std::size_t count, const std::function<void(std::size_t)>& part) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) part(i);
  };
  const std::jthread other(work);
  work();
}

}  // namespace freshet::bench
