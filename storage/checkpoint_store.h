// CheckpointStore: state on disk together with the log positions it covers.
//
// Owned by the process; one thread at a time. Commit is atomic: after a crash the store holds one
// whole checkpoint, the old or the new, never a mixture.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/result.h"
#include "core/rows.h"
#include "storage/event_log.h"

namespace freshet::storage {

// How a store uses the processor.
enum class Pace {
  kFull,    // somebody waits
  kGentle,  // nobody waits, and those who do other work are to notice little: in bites, with rests
};

class CheckpointStore {
 public:
  using Visit =
      std::function<core::Status(core::Table, std::string_view key, std::string_view value)>;

  virtual ~CheckpointStore() = default;

  // Makes the changed rows, the positions they cover and the dead letters met on the way durable in
  // one atomic write. Blocks until it is synced. After an error nothing of it is visible and the
  // same rows may be committed again, together with later ones.
  virtual core::Status Commit(const core::RowBatch& rows, const core::Positions& covered,
                              std::span<const BadEntry> dead_letters) = 0;

  // How it commits, and does what comes of commits in the background, from now on; kFull at first.
  // Any thread, in the midst of a Commit too.
  virtual void SetPace(Pace) {}

  // Calls `visit` for every stored row; stops at its first error and returns it.
  virtual core::Status Load(const Visit& visit) = 0;

  // What the last checkpoint covers; empty in a new store.
  virtual core::Result<core::Positions> Covered() = 0;

  // Creates `folder`, a store of its own with what the last checkpoint has; by hard links where the
  // file system has them, so that it costs next to nothing. What is committed later does not change
  // it. After a failed Commit it is kUnavailable.
  virtual core::Status Cut(const std::string& folder) = 0;

  // The newest dead letters, oldest first; the store keeps a bounded number.
  virtual core::Result<std::vector<BadEntry>> DeadLetters() = 0;
};

}  // namespace freshet::storage
