// freshet demo: the show-case of ./run, against a running daemon.
#include <iostream>
#include <memory>
#include <string>

#include "tools/command.h"
#include "tools/demo.h"

namespace freshet::tools {

void AddDemoCommand(CLI::App* app, Run* run) {
  auto url = std::make_shared<std::string>("http://127.0.0.1:7979");
  CLI::App* command = app->add_subcommand(
      "demo", "shows on a running daemon how one event changes the very next answers");
  command->add_option("--to", *url, "the daemon")->type_name("URL")->capture_default_str();
  command->callback([run, url] { *run = [url] { return ShowDemo(*url, &std::cout); }; });
}

}  // namespace freshet::tools
