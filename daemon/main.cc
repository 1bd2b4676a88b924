#include <cstdio>

#include <sys/stat.h>

#include "config/load.h"
#include "config/print.h"
#include "daemon/allocator.h"
#include "daemon/application.h"
#include "daemon/command_line.h"

int main(int argc, char** argv) {
  using freshet::daemon::Application;
  using freshet::daemon::CommandLine;

  freshet::daemon::UseHugePages(argv);
  // Only the owner and its group may read data, under any user that starts the daemon.
  umask(umask(0) | 0027);
  freshet::daemon::ReturnLargeBlocks();
  int exit_code = 0;
  const auto line = CommandLine::Parse(argc, argv, &exit_code);
  if (!line) return exit_code;

  const auto settings = freshet::config::Load(line->inputs);
  if (!settings) {
    std::fprintf(stderr, "freshetd: the configuration is refused:\n%s\n",
                 settings.error().message.c_str());
    return Application::kBadConfiguration;
  }
  const auto usable = Application::Check(*settings);
  if (!usable.ok()) {
    std::fprintf(stderr, "freshetd: the configuration is refused:\n%s\n",
                 usable.error().message.c_str());
    return Application::kBadConfiguration;
  }
  if (line->print_config) std::fputs(freshet::config::PrintConfig(*settings).c_str(), stdout);
  if (line->check_config) std::puts("the configuration is valid");
  if (line->print_config || line->check_config) return 0;

  return Application(*settings, line->salvage).Run();
}
