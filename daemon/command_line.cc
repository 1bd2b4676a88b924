#include "daemon/command_line.h"

#include <string>

#include <CLI/CLI.hpp>

#include "daemon/version.h"

namespace freshet::daemon {
namespace {

constexpr int kBadUsage = 2;

}  // namespace

std::optional<CommandLine> CommandLine::Parse(int argc, const char* const* argv, int* exit_code) {
  CommandLine line;
  std::string data;
  std::string listen;
  bool insecure = false;
  CLI::App app("Freshet, a recommender that learns from each event as it arrives", "freshetd");
  app.add_option("--config", line.inputs.file, "settings file (TOML)");
  const auto* data_flag = app.add_option("--data", data, "folder of journal and checkpoints");
  const auto* listen_flag = app.add_option("--listen", listen, "ADDRESS:PORT; port 0: any free");
  app.add_option("--set", line.inputs.sets, "section.key=value, goes before file and environment")
      ->allow_extra_args(false);
  app.add_flag("--insecure", insecure, "allow an address beyond loopback, without TLS");
  app.add_flag("--check-config", line.check_config, "check the configuration and exit");
  app.add_flag("--print-config", line.print_config, "print the configuration in effect and exit");
  app.add_flag("--salvage", line.salvage,
               "go on with what is readable of a damaged data folder, and log what is missing");
  app.set_version_flag("--version", "freshetd " + std::string(kVersion));
  // CLI11 reports by exception only; this is its edge.
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    *exit_code = app.exit(error) == 0 ? 0 : kBadUsage;
    return std::nullopt;
  }
  if (data_flag->count() > 0) line.inputs.data = data;
  if (listen_flag->count() > 0) line.inputs.listen = listen;
  if (insecure) line.inputs.sets.emplace_back("server.insecure=true");
  line.inputs.environment = config::ProcessEnvironment();
  return line;
}

}  // namespace freshet::daemon
