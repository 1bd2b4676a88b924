// When a training that is repeated begins next.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace freshet::daemon {

// So long after the last one began, or now when that is over or there was none. Times that are
// missed, because a training took longer or nothing ran, are not made up for. A last one that is
// yet to come is of a clock that was set back since: it counts as none.
inline std::int64_t NextTraining(std::optional<std::int64_t> last_ms, std::int64_t every_ms,
                                 std::int64_t now_ms) {
  if (!last_ms || *last_ms > now_ms) return now_ms;
  return std::max(*last_ms + every_ms, now_ms);
}

}  // namespace freshet::daemon
