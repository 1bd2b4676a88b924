// freshet replay: a fresh data folder, learned from the journal of another, or from Kafka.
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tools/command.h"
#include "tools/progress_bar.h"
#include "tools/replay.h"
#include "tools/settings_flags.h"

namespace freshet::tools {
namespace {

struct Options {
  std::string data;
  std::string into;
  bool from_kafka = false;
  bool from_retained = false;
  SettingsFlags settings;
};

core::Status RunReplay(const Options& options) {
  auto settings = options.settings.Load();
  if (!settings) return settings.error();
  std::optional<ProgressBar> bar;
  const auto show = [&](std::uint64_t done, std::uint64_t all) {
    if (!bar) bar.emplace(ProgressOnStandardError("replaying", "entries", all));
    bar->Update(done, done);
  };
  auto result = options.from_kafka
                    ? ReplayFromKafka({options.into, *settings, show})
                    : Replay({options.data, options.into, options.from_retained, *settings, show});
  if (!result) return result.error();
  if (bar) bar->Finish(result->entries);
  std::cerr << "replayed " << WithThousands(result->entries) << " entries of "
            << (options.from_kafka ? settings->log.kafka.brokers : options.data) << " into "
            << options.into << '\n';
  if (result->missing > 0) {
    std::cerr << "the first " << WithThousands(result->missing)
              << " entries were no longer retained: what they taught is not in " << options.into
              << '\n';
  }
  if (result->bad > 0) {
    std::cerr << WithThousands(result->bad) << " entries could not be read and were left out\n";
  }
  return {};
}

}  // namespace

void AddReplayCommand(CLI::App* app, Run* run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app->add_subcommand(
      "replay", "learns a new data folder from the journal of a stopped daemon's, or from Kafka");
  CLI::Option_group* source = command->add_option_group("source");
  source->add_option("--data", options->data, "the folder whose journal is read")->type_name("DIR");
  source->add_flag("--from-kafka", options->from_kafka,
                   "reads the topics that the settings name: log.brokers, log.events_topic, ...");
  source->require_option(1);
  command->add_option("--into", options->into, "the folder to create")
      ->type_name("DIR")
      ->required();
  command->add_flag("--from-retained", options->from_retained,
                    "go on although the journal's first entries were trimmed away");
  options->settings.AddTo(command);
  command->callback([run, options] { *run = [options] { return RunReplay(*options); }; });
}

}  // namespace freshet::tools
