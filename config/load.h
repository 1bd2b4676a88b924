// Load: the configuration from its three sources, each going before the one before it: a TOML file,
// environment variables FRESHET_SECTION_KEY, flags.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/settings.h"
#include "core/result.h"

namespace freshet::config {

// Any member may be left out.
struct LoadInputs {
  std::string file = {};  // path; empty: none
  // Names and values; those without the prefix FRESHET_ are passed over.
  std::vector<std::pair<std::string, std::string>> environment = {};
  std::vector<std::string> sets = {};      // --set: "section.key=value", "campaign.NAME.key=value"
  std::optional<std::string> data = {};    // --data
  std::optional<std::string> listen = {};  // --listen
};

// The environment of this process. Call it before other threads start.
std::vector<std::pair<std::string, std::string>> ProcessEnvironment();

// The settings, or every problem there is, a line each: where (file:line, variable or flag), which
// key, what is wrong and what is allowed. kInvalidArgument for problems, kNotFound and kIo when the
// file cannot be read. Reads one file; any thread.
core::Result<Settings> Load(const LoadInputs& inputs);

}  // namespace freshet::config
