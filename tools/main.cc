// freshet, the command line. Its exit codes are in tools/command.h.
#include <csignal>
#include <exception>
#include <iostream>
#include <new>
#include <string>

#include <CLI/CLI.hpp>
#include <sys/stat.h>

#include "daemon/allocator.h"
#include "daemon/version.h"
#include "tools/check_command.h"
#include "tools/command.h"
#include "tools/printable_text.h"

namespace {

using freshet::tools::ExitCode;

int Main(int argc, char** argv) {
  CLI::App app(
      "freshet: import, generate, replay, dump, evaluate, tune and train what Freshet learns from",
      "freshet");
  app.require_subcommand(1);
  app.set_version_flag("--version", "freshet " + std::string(freshet::daemon::kVersion));
  freshet::tools::Run run;
  ExitCode code = ExitCode::kDone;
  freshet::tools::AddImportCommand(&app, &run, &code);
  freshet::tools::AddGenerateCommand(&app, &run);
  freshet::tools::AddReplayCommand(&app, &run);
  freshet::tools::AddDumpCommand(&app, &run);
  freshet::tools::AddEvaluateCommand(&app, &run);
  freshet::tools::AddTuneCommand(&app, &run);
  freshet::tools::AddTrainCommand(&app, &run);
  freshet::tools::AddGenerationsCommand(&app, &run);
  freshet::tools::AddDemoCommand(&app, &run);
  freshet::tools::AddDeadLettersCommand(&app, &run);
  freshet::tools::AddCheckCommand(&app, &run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ExitCode::kDone : ExitCode::kUsedWrongly;
  }
  const freshet::core::Status status = run();
  if (status.ok()) return code;
  std::cerr << "freshet: " << freshet::tools::PrintableText(status.error().message) << '\n';
  return status.error().code == freshet::core::ErrorCode::kTooLittle ? ExitCode::kTooLittle
                                                                     : ExitCode::kFailed;
}

}  // namespace

int main(int argc, char** argv) {
  freshet::daemon::UseHugePages(argv);
  // Only the owner and its group may read data, under any user that starts the command.
  umask(umask(0) | 0027);
  // A reader that goes away is an error of the write, not the end of the program.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return Main(argc, argv);
  } catch (const std::bad_alloc&) {
    std::cerr << "freshet: out of memory\n";
    return ExitCode::kFailed;
  } catch (const std::exception& error) {
    std::cerr << "freshet: " << error.what() << '\n';
    return ExitCode::kFailed;
  }
}
