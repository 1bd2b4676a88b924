// --config and --set for the commands that open a data folder: they have to learn with the same
// settings as the daemon whose folder it is.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "config/settings.h"
#include "core/result.h"

namespace freshet::tools {

class SettingsFlags {
 public:
  // Adds the flags. `this` outlives the command's parsing.
  void AddTo(CLI::App* command);

  // The settings as freshetd would have them, from file, environment and flags.
  [[nodiscard]] core::Result<config::Settings> Load() const;

 private:
  std::string file_;
  std::vector<std::string> sets_;
};

}  // namespace freshet::tools
