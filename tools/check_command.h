// freshet check: whether all of a stopped daemon's folder can be read.
#pragma once

#include "tools/command.h"

namespace freshet::tools {

void AddCheckCommand(CLI::App* app, Run* run);

}  // namespace freshet::tools
