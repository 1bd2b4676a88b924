// Makes files durable that were written without waiting for the disk.
#pragma once

#include <string>

#include "core/result.h"

namespace freshet::tools {

// Waits until every file in `folder` and below, and the folders' own lists of names, are on the
// disk. kIo names the one that failed.
core::Status SyncFiles(const std::string& folder);

}  // namespace freshet::tools
