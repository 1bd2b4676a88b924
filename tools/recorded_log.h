// RecordedLog: the rows of files as one log in memory, for commands that learn it more than once.
#pragma once

#include <string>
#include <vector>

#include "core/log_entry.h"
#include "core/result.h"
#include "tools/input_list.h"

namespace freshet::tools {

// The entries of the files and folders at `paths`, in order. A bad row is an error that names it: a
// measurement over the other rows would be of something else. Shows its progress on standard error.
core::Result<std::vector<core::LogEntry>> ReadRecordedLog(const std::vector<std::string>& paths,
                                                          InputKind kind);

}  // namespace freshet::tools
