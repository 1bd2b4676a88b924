#include "storage/received_clock.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <time.h>

namespace freshet::storage {
namespace {

constexpr std::int64_t kMinuteUs = 60LL * 1'000'000;
// A wall clock that has been ahead for so long is right: it was wrong before.
constexpr std::int64_t kBelievedAfterUs = 24 * 60 * kMinuteUs;

}  // namespace

Clocks::Clocks()
    : Clocks(
          [] {
            return std::chrono::duration_cast<std::chrono::microseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                .count();
          },
          [] {
            timespec time{};
            ::clock_gettime(CLOCK_BOOTTIME, &time);
            return static_cast<std::int64_t>(time.tv_sec) * 1'000'000 + time.tv_nsec / 1000;
          }) {}

Clocks::Clocks(const Source& milliseconds)
    : wall_us([milliseconds] { return milliseconds() * 1000; }), monotonic_us(wall_us) {}

ReceivedClock::ReceivedClock(Clocks clocks, std::int64_t last_ms,
                             std::optional<std::int64_t> idle_us)
    : clocks_(std::move(clocks)), monotonic_us_(clocks_.monotonic_us()), now_us_(last_ms * 1000) {
  const std::int64_t wall_us = clocks_.wall_us();
  if (idle_us && last_ms > 0) {
    Advance(*idle_us, wall_us);
  } else {
    now_us_ = std::max(now_us_, wall_us);
  }
}

std::int64_t ReceivedClock::NowMs() {
  const std::int64_t monotonic_us = clocks_.monotonic_us();
  const std::int64_t elapsed_us = monotonic_us - monotonic_us_;
  if (elapsed_us > 0) {
    Advance(elapsed_us, clocks_.wall_us());
    monotonic_us_ = monotonic_us;
  }
  return now_us_ / 1000;
}

void ReceivedClock::Advance(std::int64_t elapsed_us, std::int64_t wall_us) {
  elapsed_us = std::max<std::int64_t>(elapsed_us, 0);
  now_us_ = std::clamp(wall_us, now_us_ + elapsed_us / 2, now_us_ + elapsed_us * 2);
  behind_us_ = wall_us - now_us_ > kMinuteUs ? behind_us_ + elapsed_us : 0;
  if (behind_us_ > kBelievedAfterUs) now_us_ = wall_us;
}

}  // namespace freshet::storage
