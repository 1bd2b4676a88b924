// A data folder opened for a command of the command line, with its journal and its checkpoints.
#pragma once

#include <memory>
#include <string>

#include "config/settings.h"
#include "core/result.h"
#include "core/state.h"
#include "storage/data_folder.h"

namespace freshet::tools {

// Members are destroyed in reverse order: the folder closes last. One thread.
struct OpenedFolder {
  std::unique_ptr<storage::DataFolder> folder;
  std::unique_ptr<storage::EventLog> journal;  // null when the folder has none
  std::unique_ptr<storage::CheckpointStore> store;
};

// With a journal; creates the folder when it is absent. Errors are those of DataFolder.
core::Result<OpenedFolder> OpenFolder(const std::string& path, const config::Settings& settings);

// The same for a folder into which only a journal was copied: no checkpoint is expected beside it,
// even when the journal's beginning was trimmed.
core::Result<OpenedFolder> OpenCopiedJournal(const std::string& path,
                                             const config::Settings& settings);

// For commands that only read: kNotFound when there is no data folder, and no journal is made where
// there is none.
core::Result<OpenedFolder> OpenExistingFolder(const std::string& path,
                                              const config::Settings& settings);

// The last checkpoint and what the journal has behind it, as a daemon would load them; the
// checkpoint alone when there is no journal. Returns what of the log that covers. REQUIRES: `state`
// is new.
core::Result<core::Positions> LoadState(OpenedFolder* opened, core::State* state);

// The same for whoever asks for items, users and histories only: of a checkpoint alone it loads
// these and no more, which is a small part of the memory.
core::Result<core::Positions> LoadHistories(OpenedFolder* opened, core::State* state);

}  // namespace freshet::tools
