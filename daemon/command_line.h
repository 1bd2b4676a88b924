// CommandLine: the flags of freshetd.
#pragma once

#include <optional>

#include "config/load.h"

namespace freshet::daemon {

struct CommandLine {
  config::LoadInputs inputs;
  bool check_config = false;
  bool print_config = false;
  bool salvage = false;

  // Nothing when the process is to end now (--help, --version, a bad flag): `exit_code` says how.
  static std::optional<CommandLine> Parse(int argc, const char* const* argv, int* exit_code);
};

}  // namespace freshet::daemon
