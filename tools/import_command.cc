// freshet import: files into a data folder or a running daemon.
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/validate.h"
#include "tools/command.h"
#include "tools/daemon_sink.h"
#include "tools/folder_sink.h"
#include "tools/import.h"
#include "tools/kafka_sink.h"
#include "tools/settings_flags.h"

namespace freshet::tools {
namespace {

struct Options {
  std::string data;
  std::string to;
  bool kafka = false;
  std::vector<std::string> events;
  std::string items;
  std::string users;
  std::string rejected;
  SettingsFlags settings;
};

// Items and users come first, so that events find their categories.
core::Result<std::vector<InputPath>> AllInputs(const Options& options) {
  std::vector<InputPath> inputs;
  const auto add = [&](const std::string& path, InputKind kind) -> core::Status {
    auto listed = ListInputs(path, kind);
    if (!listed) return listed.error();
    inputs.insert(inputs.end(), listed->begin(), listed->end());
    return {};
  };
  if (!options.items.empty()) FRESHET_RETURN_IF_ERROR(add(options.items, InputKind::kItemCsv));
  if (!options.users.empty()) FRESHET_RETURN_IF_ERROR(add(options.users, InputKind::kUserCsv));
  for (const std::string& path : options.events) {
    FRESHET_RETURN_IF_ERROR(add(path, InputKind::kEventCsv));
  }
  if (inputs.empty())
    return core::InvalidArgument("nothing to import: name --events, --items or --users");
  return inputs;
}

// Beside the working directory, named after the first input: events.csv.gz.rejected.
std::string RejectedPath(const Options& options, const std::vector<InputPath>& inputs) {
  if (!options.rejected.empty()) return options.rejected;
  std::string name = options.events.empty() ? inputs.front().path : options.events.front();
  while (name.ends_with('/')) name.pop_back();
  return std::filesystem::path(name).filename().string() + ".rejected";
}

void Report(const ImportCounts& counts, const RejectedRows& rejected, EntrySink* sink,
            double seconds, const std::string& where) {
  const std::uint64_t taken = sink->acknowledged();
  const double rate = seconds > 0 ? static_cast<double>(taken) / seconds : 0;
  std::cerr << "imported " << WithThousands(taken) << " rows into " << where << " in "
            << DurationText(seconds) << " (" << WithThousands(static_cast<std::uint64_t>(rate))
            << "/s), all durable" << (where == "Kafka" ? "" : " and learned") << "; read "
            << WithThousands(counts.events) << " events, " << WithThousands(counts.items)
            << " items, " << WithThousands(counts.users) << " users\n";
  if (const std::uint64_t duplicates = sink->duplicates(); duplicates > 0) {
    std::cerr << WithThousands(duplicates)
              << " events were known by their eventId already and were not counted again\n";
  }
  if (counts.left_out_values > 0) {
    std::cerr << WithThousands(counts.left_out_values)
              << " values of further columns were left out: the properties of an event hold "
              << WithThousands(core::kMaximumEventPropertiesBytes) << " bytes\n";
  }
  if (rejected.count() > 0) {
    std::cerr << WithThousands(rejected.count()) << " rows were not taken, see " << rejected.path()
              << "; the first is " << rejected.first() << '\n';
  }
}

core::Result<std::unique_ptr<EntrySink>> OpenSink(const Options& options, RejectedRows* rejected) {
  if (options.kafka) {
    auto settings = options.settings.Load();
    if (!settings) return settings.error();
    auto topics = KafkaSink::Open(settings->log, rejected);
    if (!topics) return topics.error();
    return std::unique_ptr<EntrySink>(std::move(*topics));
  }
  if (options.data.empty()) {
    auto daemon = DaemonSink::Connect(options.to, rejected);
    if (!daemon) return daemon.error();
    return std::unique_ptr<EntrySink>(std::move(*daemon));
  }
  auto settings = options.settings.Load();
  if (!settings) return settings.error();
  auto folder = FolderSink::Open(options.data, *settings);
  if (!folder) return folder.error();
  return std::unique_ptr<EntrySink>(std::move(*folder));
}

// What came before the error is kept, so it is said how much that is.
core::Error WithProgress(const core::Error& error, const EntrySink& sink, bool is_all_known,
                         const std::string& place) {
  std::string progress = "after " + WithThousands(sink.acknowledged()) + " imported entries";
  if (const std::uint64_t unanswered = sink.unanswered(); unanswered > 0) {
    progress += "; " + WithThousands(unanswered) +
                " more may be there or not, and nothing behind " + place + " was sent";
  } else if (!is_all_known) {
    progress += " at least";
  }
  return error.With(progress);
}

core::Status ReadAll(const std::vector<InputPath>& inputs, EntrySink* sink, Import* import) {
  const auto place_in = [&](const InputPath& input) {
    return input.path + ":" + std::to_string(import->line());
  };
  for (const InputPath& input : inputs) {
    const core::Status read = import->Read(input);
    if (read.ok()) continue;
    const bool is_all_known = sink->Flush().ok();
    return WithProgress(read.error(), *sink, is_all_known, place_in(input));
  }
  const core::Status flushed = sink->Flush();
  if (flushed.ok()) return {};
  return WithProgress(flushed.error(), *sink, false, place_in(inputs.back()));
}

core::Status RunImport(const Options& options) {
  auto inputs = AllInputs(options);
  if (!inputs) return inputs.error();
  FRESHET_RETURN_IF_ERROR(CheckInputs(*inputs));
  std::uint64_t bytes = 0;
  for (const InputPath& input : *inputs) bytes += input.bytes;
  RejectedRows rejected(RejectedPath(options, *inputs));
  auto sink = OpenSink(options, &rejected);
  if (!sink) return sink.error();
  ProgressBar bar = ProgressOnStandardError("importing", "rows", bytes);
  Import import(sink->get(), &rejected, &bar);
  core::Status read = ReadAll(*inputs, sink->get(), &import);
  core::Status closed = (*sink)->Close();
  FRESHET_RETURN_IF_ERROR(rejected.Close());
  if (!read.ok()) return read;
  if (!closed.ok()) return closed;
  bar.Finish((*sink)->acknowledged() + rejected.count());
  Report(import.counts(), rejected, sink->get(), bar.seconds(),
         options.kafka ? "Kafka" : (options.data.empty() ? options.to : options.data));
  return {};
}

}  // namespace

void AddImportCommand(CLI::App* app, Run* run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app->add_subcommand(
      "import",
      "reads interactions, items and users into a data folder, a running daemon or Kafka");
  CLI::Option_group* target = command->add_option_group("target");
  target->add_option("--data", options->data, "the data folder of a stopped daemon, or a new one")
      ->type_name("DIR");
  target->add_option("--to", options->to, "a running daemon")->type_name("URL");
  target->add_flag("--kafka", options->kafka,
                   "the topics that the settings name: log.brokers, log.events_topic, ...");
  target->require_option(1);
  command
      ->add_option("--events", options->events,
                   "interactions: CSV as Amazon Personalize has it, or .ndjson/.jsonl; also .gz; a "
                   "folder stands for its files; may come several times")
      ->type_name("FILE|DIR")
      ->allow_extra_args(false);
  command->add_option("--items", options->items, "CSV with ITEM_ID and metadata columns")
      ->type_name("FILE|DIR");
  command->add_option("--users", options->users, "CSV with USER_ID and metadata columns")
      ->type_name("FILE|DIR");
  command
      ->add_option("--rejected", options->rejected,
                   "where rows that are not taken go; NAME.rejected in this directory when absent")
      ->type_name("FILE");
  options->settings.AddTo(command);
  command->callback([run, options] {
    if (options->events.empty() && options->items.empty() && options->users.empty()) {
      throw CLI::RequiredError("--events, --items or --users");
    }
    *run = [options] { return RunImport(*options); };
  });
}

}  // namespace freshet::tools
