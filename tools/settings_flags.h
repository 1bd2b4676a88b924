// --config and --set for the commands that learn: they have to do it with the same settings as the
// daemon does.
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
  // `sets` come last, each as --set has it.
  [[nodiscard]] core::Result<config::Settings> Load(
      const std::vector<std::string>& sets = {}) const;

 private:
  std::string file_;
  std::vector<std::string> sets_;
};

// What State learns with for that campaign alone: what it learns does not depend on the others.
// An error when there is none of that name, or when it answers by factors and there are none.
core::Result<core::Settings> LearningFor(const config::Settings& settings,
                                         const std::string& campaign, bool has_factors);

}  // namespace freshet::tools
