#include "storage/pacer.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <time.h>

namespace freshet::storage {
namespace {

std::chrono::nanoseconds ProcessorTimeOfThread() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

Pacer::Pacer(int rests_per_bite, Rest rest)
    : rests_per_bite_(rests_per_bite), rest_(std::move(rest)) {}

void Pacer::Sleep(std::chrono::nanoseconds rest) { std::this_thread::sleep_for(rest); }

void Pacer::RestAfterBite() const {
  thread_local std::chrono::nanoseconds rested_at{0};
  const std::chrono::nanoseconds used = ProcessorTimeOfThread() - rested_at;
  if (used < kBite) return;
  rest_(std::min<std::chrono::nanoseconds>(used * rests_per_bite_, kLongestRest));
  rested_at = ProcessorTimeOfThread();
}

}  // namespace freshet::storage
