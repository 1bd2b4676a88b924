// Waiters: who waits for the apply thread to pass a position, and is told when it has.
//
// Owned by the engine. Add may be called from any thread; Advance and Close from the apply thread.
// Each callback is called once, on the apply thread, or inside Add when the outcome is known
// already; always outside the lock, so it may call Add. One that is removed is not called, unless
// it is being called already. Thread-safe.
#pragma once

#include <compare>
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
  // Names one wait; kNone when the outcome was known at once.
  using Ticket = std::uint64_t;
  static constexpr Ticket kNone = 0;

  // Calls `done` with `wanted` once everything before it is applied.
  Ticket Add(core::Positions wanted, Submitted done);

  // Forgets who has the ticket that Add gave for `wanted`, and frees the callback. Nothing when it
  // was called already.
  void Remove(const core::Positions& wanted, Ticket ticket);

  // Everything before `applied` is applied: calls who waited for no more than that, those of one
  // partition in the order of their positions.
  void Advance(const core::Positions& applied);

  // Fails all who wait, and all who come later, with `error`.
  void Close(const core::Error& error);

  // How many wait. Any thread.
  [[nodiscard]] std::size_t size() const;

 private:
  struct Waiter {
    Ticket ticket;
    core::Positions wanted;
    Submitted done;
  };
  // The place in the queue of one partition. Equal offsets keep the order of Add.
  struct Place {
    std::uint32_t partition;
    std::uint64_t offset;
    Ticket ticket;
    auto operator<=>(const Place&) const = default;
  };

  // Puts the waiter in the queue of a partition that does not cover it; false when all do.
  // REQUIRES: mutex_ is held.
  bool Park(Waiter* waiter);

  mutable std::mutex mutex_;
  std::map<Place, Waiter> queue_;
  Ticket last_ticket_ = kNone;
  core::Positions applied_;
  std::optional<core::Error> closed_;
};

}  // namespace freshet::daemon
