// The configuration written out, from the schema: as a TOML file and as documentation.
#pragma once

#include <string>

#include "config/settings.h"

namespace freshet::config {

// A complete commented TOML file: every key with its help, what it may be and its present value.
// Load() of it gives the same settings.
std::string PrintConfig(const Settings& settings);

// The settings that are not at their default, on one line: "log.kind = \"kafka\", ...". Secrets are
// named, not shown. Empty when there are none.
std::string PrintChanges(const Settings& settings);

// The tables of docs/configuration.md: every key with what it may be, its default and its help.
std::string DescribeKeys();

}  // namespace freshet::config
