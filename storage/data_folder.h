// DataFolder: one folder that holds a daemon's journal and checkpoints, and belongs to one process
// at a time.
//
//   DIR/FORMAT     text: the version of the layout
//   DIR/LOCK       locked while a process has the folder
//   DIR/LOG        text: what kind of log the checkpoints' positions are of
//   DIR/journal/   RocksDB: the embedded journal
//   DIR/state/     RocksDB: the checkpoint, one column family a table
//
// Journal and checkpoint are two databases so that the small synced write of an acknowledgement
// never waits behind a checkpoint's megabytes in one write-ahead log. They need not commit
// together: a checkpoint covers only what the journal holds durably.
//
// Owned by main; opened before anything else and closed last. Thread-safe after Open.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/result.h"
#include "storage/checkpoint_store.h"
#include "storage/event_log.h"
#include "storage/options.h"

namespace freshet::storage {

enum class LogKind { kJournal, kKafka };

class DataFolder {
 public:
  // Creates the folder when it is absent. Errors: kUnavailable when another process has it (named
  // with its process id), kCorruption when its format is not this version's or a file is damaged
  // (the message names the file and what to do), kIo.
  static core::Result<std::unique_ptr<DataFolder>> Open(const std::string& path);

  virtual ~DataFolder() = default;

  // An error when the path does not lead to this folder any more: it was removed, moved, or
  // another one stands in its place. Any thread.
  [[nodiscard]] virtual core::Status CheckIsThere() const = 0;

  // The kind of log that the folder learns from; nothing in a new folder.
  virtual core::Result<std::optional<LogKind>> RememberedLog() = 0;
  // Remembers it. kInvalidArgument when the folder learned from a log of another kind: its
  // positions mean nothing there.
  virtual core::Status RememberLog(LogKind kind) = 0;

  // Remembers that the log is the journal.
  virtual core::Result<std::unique_ptr<EventLog>> OpenJournal(const JournalOptions& options) = 0;
  virtual core::Result<std::unique_ptr<CheckpointStore>> OpenStore(const StoreOptions& options) = 0;
};

// The error with what to do about it, when it is of damage in the data folder at `path`.
core::Error AdviseOnDamage(core::Error error, const std::string& path);

// Makes `folder` a data folder without a log, for a cut of a store to be put into as `state`: like
// `data`, which may be open, in format and kind of log. What was there before is removed.
core::Status PrepareCut(const std::string& data, const std::string& folder);

}  // namespace freshet::storage
