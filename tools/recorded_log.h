// RecordedLog: the rows of files as one log, for commands that learn from files without a daemon.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/log_entry.h"
#include "core/result.h"
#include "tools/input_list.h"
#include "tools/table_format.h"

namespace freshet::tools {

// Calls `use` for each entry of the files and folders at `paths`, in order. A bad row is an error
// that names it: a measurement over the other rows would be of something else. Shows its progress,
// and how many rows step back in time, on standard error.
core::Status ForEachRecorded(const std::vector<std::string>& paths, InputKind kind,
                             const TableFormat& format,
                             const std::function<void(core::LogEntry&&)>& use);

// All of them, in memory.
core::Result<std::vector<core::LogEntry>> ReadRecordedLog(const std::vector<std::string>& paths,
                                                          InputKind kind,
                                                          const TableFormat& format);

}  // namespace freshet::tools
