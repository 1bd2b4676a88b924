// What the gate costs a query, alone and beside a writer that applies micro-batches.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include <benchmark/benchmark.h>

#include "daemon/gate.h"

namespace freshet::daemon {
namespace {

constexpr std::size_t kSlots = 64;

// Keeps the thread busy for about `time`, as applying entries or answering a query would.
void Work(std::chrono::nanoseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
  }
}

void ReadAlone(benchmark::State& state) {
  Gate gate(kSlots);
  Gate::Reader reader = gate.Register();
  std::uint64_t value = 1;
  for (auto _ : state) {
    benchmark::DoNotOptimize(reader.Read([&] { return value; }));
  }
}
BENCHMARK(ReadAlone);

// Each thread reads through a slot of its own: the time of one read should not grow with threads
// while there are cores for them.
Gate shared_gate(kSlots);
void ReadBesideReaders(benchmark::State& state) {
  Gate::Reader reader = shared_gate.Register();
  std::uint64_t value = 1;
  for (auto _ : state) {
    benchmark::DoNotOptimize(reader.Read([&] { return value; }));
  }
}
BENCHMARK(ReadBesideReaders)->ThreadRange(1, 4)->UseRealTime();

void WriteAlone(benchmark::State& state) {
  Gate gate(kSlots);
  std::uint64_t value = 0;
  for (auto _ : state) {
    gate.Write([&] { benchmark::DoNotOptimize(++value); });
  }
}
BENCHMARK(WriteAlone);

// Queries of 20 us while a writer takes turns of range(0) us, range(1) us apart: the share of the
// time that is spent waiting, and the longest wait.
void ReadBesideAWriter(benchmark::State& state) {
  constexpr std::chrono::microseconds kQuery{20};
  const std::chrono::microseconds turn(state.range(0));
  const std::chrono::microseconds pause(state.range(1));
  Gate gate(kSlots);
  Gate::Reader reader = gate.Register();
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    while (!stop.load()) {
      gate.Write([&] { Work(turn); });
      std::this_thread::sleep_for(pause);
    }
  });
  std::chrono::nanoseconds longest{0};
  std::chrono::nanoseconds waited{0};
  for (auto _ : state) {
    const auto asked = std::chrono::steady_clock::now();
    reader.Read([&] {
      const std::chrono::nanoseconds wait = std::chrono::steady_clock::now() - asked;
      waited += wait;
      longest = std::max(longest, wait);
      Work(kQuery);
    });
  }
  stop.store(true);
  writer.join();
  state.counters["longest_wait_us"] = static_cast<double>(longest.count()) / 1e3;
  state.counters["mean_wait_ns"] =
      static_cast<double>(waited.count()) / static_cast<double>(state.iterations());
}
BENCHMARK(ReadBesideAWriter)->Args({50, 1000})->Args({200, 1000})->Args({200, 2000})->UseRealTime();

}  // namespace
}  // namespace freshet::daemon

BENCHMARK_MAIN();
