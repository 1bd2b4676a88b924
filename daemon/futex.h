// Sleeping on a number in memory until it changes, with the system's futex. As std::atomic's wait
// and notify, which however offer the processor to others (sched_yield) before they sleep: on a
// busy machine that may take it for milliseconds.
//
// Only between threads of one process. A wake-up that comes before its sleep is not lost when who
// sleeps says so first and who changes the number looks for sleepers after it, both in sequentially
// consistent order.
#pragma once

#include <atomic>
#include <climits>
#include <cstdint>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace freshet::daemon {

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

// Sleeps while the number is `value`; may also return without a reason.
inline void FutexWait(const std::atomic<std::uint32_t>& number, std::uint32_t value) {
  (void)::syscall(SYS_futex, &number, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}

// Wakes all that sleep on it.
inline void FutexWake(const std::atomic<std::uint32_t>& number) {
  (void)::syscall(SYS_futex, &number, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace freshet::daemon
