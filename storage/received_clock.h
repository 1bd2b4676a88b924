// ReceivedClock: the received_ms of entries. It follows the wall clock, but never goes back, and
// where the wall clock jumps it only runs slower or faster until they agree again: windows of time,
// retention and trends must not see days pass in a second.
//
// Owned by a log; single-threaded.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

namespace freshet::storage {

struct Clocks {
  using Source = std::function<std::int64_t()>;

  // The system's.
  Clocks();
  // One that drives both, for tests.
  explicit(false) Clocks(const Source& milliseconds);
  Clocks(Source wall, Source monotonic)
      : wall_us(std::move(wall)), monotonic_us(std::move(monotonic)) {}

  Source wall_us;       // since 1970; may jump
  Source monotonic_us;  // since the machine started, its sleep included
};

class ReceivedClock {
 public:
  // `last_ms` is the newest time given before, 0 for none, and `idle_us` how long ago by the
  // monotonic clock, if that is known.
  ReceivedClock(Clocks clocks, std::int64_t last_ms, std::optional<std::int64_t> idle_us);

  std::int64_t NowMs();

 private:
  void Advance(std::int64_t elapsed_us, std::int64_t wall_us);

  Clocks clocks_;
  std::int64_t monotonic_us_;   // when it was asked last
  std::int64_t now_us_;         // and what it said
  std::int64_t behind_us_ = 0;  // for how long the wall clock has been far ahead
};

}  // namespace freshet::storage
