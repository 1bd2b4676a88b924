// What the command line is made of: each command is a file that adds itself to the parser and says
// what to run.
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

#include "core/result.h"

namespace freshet::tools {

// What a parsed command does. Prints its own results; its error is printed by main.
using Run = std::function<core::Status()>;

// What the program ends with.
enum ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kUsedWrongly = 2,
  kTooLittle = 3,  // data to train with
  kPartly = 4,     // some rows of an import were not taken
};

// Each adds one command to `app`; when it is the one asked for, `run` is set. `run` outlives
// `app`'s parsing.
// `code` is what to end with when `run` succeeds: kDone unless the command says otherwise.
void AddImportCommand(CLI::App* app, Run* run, ExitCode* code);
void AddGenerateCommand(CLI::App* app, Run* run);
void AddReplayCommand(CLI::App* app, Run* run);
void AddDumpCommand(CLI::App* app, Run* run);
void AddEvaluateCommand(CLI::App* app, Run* run);
void AddTuneCommand(CLI::App* app, Run* run);
void AddTrainCommand(CLI::App* app, Run* run);
void AddGenerationsCommand(CLI::App* app, Run* run);
void AddDemoCommand(CLI::App* app, Run* run);
void AddDeadLettersCommand(CLI::App* app, Run* run);

}  // namespace freshet::tools
