// Ids in a text file, one a line, in the order of a matrix's rows.
//
// UTF-8, lines end with LF. A backslash, a line feed and a carriage return within an id are written
// as \\, \n and \r.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"

namespace freshet::storage {

// Every id is distinct and within the limits of core::ValidateId. An error is kCorruption and names
// the file and the line.
core::Result<std::vector<std::string>> ReadIdList(const std::string& path);

// Creates the file and makes it durable.
core::Status WriteIdList(const std::string& path, const std::vector<std::string>& ids);

}  // namespace freshet::storage
