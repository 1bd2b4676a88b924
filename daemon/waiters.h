// Waiters: who waits for the apply thread to pass a position, and is told when it has.
//
// Owned by the engine. Add may be called from any thread; Advance and Close from the apply thread.
// Each callback is called exactly once, on the apply thread, or inside Add when the outcome is
// known already; always outside the lock, so it may call Add. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "core/ids.h"
#include "core/result.h"

namespace freshet::daemon {

// What happened to one submission: the positions that cover it once all of it is durable and
// applied, or why it is not acknowledged.
using Submitted = std::function<void(core::Result<core::Positions>)>;

class Waiters {
 public:
  // Calls `done` with `wanted` once everything before it is applied.
  void Add(core::Positions wanted, Submitted done);

  // Everything before `applied` is applied: calls who waited for no more than that, those of one
  // partition in the order of their positions.
  void Advance(const core::Positions& applied);

  // Fails all who wait, and all who come later, with `error`.
  void Close(const core::Error& error);

  // How many wait. Any thread.
  [[nodiscard]] std::size_t size() const;

 private:
  struct Waiter {
    core::Positions wanted;
    Submitted done;
  };
  // Of one partition: the offset waited for to who waits. Equal offsets keep the order of Add.
  using Queue = std::multimap<std::uint64_t, Waiter>;

  // Puts the waiter in the queue of a partition that does not cover it; false when all do.
  // REQUIRES: mutex_ is held.
  bool Park(Waiter* waiter);

  mutable std::mutex mutex_;
  std::map<std::uint32_t, Queue> queues_;  // by partition
  core::Positions applied_;
  std::optional<core::Error> closed_;
};

}  // namespace freshet::daemon
