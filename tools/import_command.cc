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
#include "tools/event_sorter.h"
#include "tools/folder_sink.h"
#include "tools/import.h"
#include "tools/input_file.h"
#include "tools/kafka_sink.h"
#include "tools/printable_text.h"
#include "tools/rejected_limit.h"
#include "tools/settings_flags.h"
#include "tools/table_flags.h"
#include "tools/time_order.h"

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
  std::string maximum_rejected = "0";
  bool keep_order = false;
  TableFlags table;
  SettingsFlags settings;
};

// Items and users come first, so that events find their categories.
core::Result<InputList> AllInputs(const Options& options) {
  InputList all;
  const auto add = [&](const std::string& path, InputKind kind) -> core::Status {
    auto listed = ListInputs(path, kind);
    if (!listed) return listed.error();
    all.Append(std::move(*listed));
    return {};
  };
  if (!options.items.empty()) FRESHET_RETURN_IF_ERROR(add(options.items, InputKind::kItems));
  if (!options.users.empty()) FRESHET_RETURN_IF_ERROR(add(options.users, InputKind::kUsers));
  for (const std::string& path : options.events) {
    FRESHET_RETURN_IF_ERROR(add(path, InputKind::kEvents));
  }
  return all;
}

// Beside the working directory, named after the first input: events.csv.gz.rejected.
std::string RejectedPath(const Options& options, const std::vector<InputPath>& inputs) {
  if (!options.rejected.empty()) return options.rejected;
  std::string name = options.events.empty() ? inputs.front().path : options.events.front();
  if (IsStream(name)) return "stdin.rejected";
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
              << "; the first is " << PrintableText(rejected.first()) << '\n';
  }
}

void ReportOrder(const EventSorter& sorter) {
  if (sorter.stepped_back() == 0) return;
  std::cerr << WithThousands(sorter.stepped_back())
            << " events were earlier than one before them; all were sorted by time\n";
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

// The same where events wait in `sorter` until all are read: an error of reading sends none.
core::Status ReadAllSorted(const std::vector<InputPath>& inputs, EntrySink* sink,
                           EventSorter* sorter, Import* import) {
  for (const InputPath& input : inputs) {
    const core::Status read = import->Read(input);
    if (read.ok()) continue;
    const bool is_all_known = sink->Flush().ok();
    return WithProgress(read.error(), *sink, is_all_known, "the items and users");
  }
  const core::Status flushed = sorter->Flush();
  if (flushed.ok()) return {};
  return WithProgress(flushed.error(), *sink, false, sorter->place() + " (in the order of time)");
}

core::Status CheckTaken(const EntrySink& sink, const RejectedRows& rejected) {
  if (sink.acknowledged() > 0) return {};
  if (rejected.count() == 0) return core::InvalidArgument("there are no rows to import");
  return core::InvalidArgument("no row was taken of " + WithThousands(rejected.count()));
}

core::Status Transfer(const Options& options, const TableFormat& format, const InputList& list,
                      EntrySink* sink, RejectedRows* rejected) {
  bool is_sorted = options.keep_order;
  if (!is_sorted) {
    auto sorted = AreInTimeOrder(list.inputs, format);
    if (!sorted) return sorted.error();
    is_sorted = *sorted;
  }
  std::uint64_t bytes = 0;
  for (const InputPath& input : list.inputs) bytes += input.bytes;
  ProgressBar bar = ProgressOnStandardError("importing", "rows", bytes);
  EventSorter sorter(sink);
  EntrySink* const first = is_sorted ? sink : &sorter;
  Import import(first, rejected, &bar, format);
  core::Status read = is_sorted ? ReadAll(list.inputs, sink, &import)
                                : ReadAllSorted(list.inputs, sink, &sorter, &import);
  core::Status closed = sink->Close();
  FRESHET_RETURN_IF_ERROR(rejected->Close());
  if (!read.ok()) return read;
  if (!closed.ok()) return closed;
  bar.Finish(sink->acknowledged() + rejected->count());
  Report(import.counts(), *rejected, sink, bar.seconds(),
         options.kafka ? "Kafka" : (options.data.empty() ? options.to : options.data));
  ReportOrder(sorter);
  return CheckTaken(*sink, *rejected);
}

core::Status RunImport(const Options& options, ExitCode* code) {
  const auto format = options.table.Format();
  if (!format) return format.error();
  const auto limit = RejectedLimit::Parse(options.maximum_rejected);
  if (!limit) return limit.error();
  auto listed = AllInputs(options);
  if (!listed) return listed.error();
  const auto checked = CheckInputs(*listed, *format);
  if (!checked) return checked.error();
  for (const std::string& note : checked->notes) std::cerr << PrintableText(note) << '\n';
  RejectedRows rejected(RejectedPath(options, checked->inputs));
  auto sink = OpenSink(options, &rejected);
  if (!sink) return sink.error();
  FRESHET_RETURN_IF_ERROR(Transfer(options, *format, *checked, sink->get(), &rejected));
  const std::uint64_t all = (*sink)->acknowledged() + rejected.count();
  if (!limit->Allows(rejected.count(), all)) *code = ExitCode::kPartly;
  return {};
}

bool HasOneKind(const Options& options) {
  return (options.events.empty() ? 0 : 1) + (options.items.empty() ? 0 : 1) +
             (options.users.empty() ? 0 : 1) ==
         1;
}

void CheckUse(const Options& options) {
  if (options.events.empty() && options.items.empty() && options.users.empty()) {
    throw CLI::RequiredError("--events, --items or --users");
  }
  if (options.table.has_columns() && !HasOneKind(options)) {
    throw CLI::ValidationError("--columns",
                               "names the columns of one kind of file: import events, items and "
                               "users one after the other");
  }
}

void AddFileOptions(CLI::App* command, const std::shared_ptr<Options>& options) {
  command
      ->add_option("--events", options->events,
                   "interactions: CSV as Amazon Personalize has it, or JSON; also gzip; - is "
                   "standard input; a folder stands for its files; may come several times")
      ->type_name("FILE|DIR|-")
      ->allow_extra_args(false);
  command->add_option("--items", options->items, "CSV with ITEM_ID and metadata columns, or JSON")
      ->type_name("FILE|DIR|-");
  command->add_option("--users", options->users, "CSV with USER_ID and metadata columns, or JSON")
      ->type_name("FILE|DIR|-");
  command
      ->add_option("--rejected", options->rejected,
                   "where rows that are not taken go; NAME.rejected in this directory when absent")
      ->type_name("FILE");
  command
      ->add_option("--maximum-rejected", options->maximum_rejected,
                   "how many rows may be refused (10, or 0.5%) before the exit code is 4; 0 unless "
                   "given")
      ->type_name("N|N%");
  command->add_flag("--keep-order", options->keep_order,
                    "sends events in the order in which they are read, not in that of their times");
}

}  // namespace

void AddImportCommand(CLI::App* app, Run* run, ExitCode* code) {
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
  AddFileOptions(command, options);
  options->table.AddTo(command);
  options->settings.AddTo(command);
  command->callback([run, code, options] {
    CheckUse(*options);
    *run = [code, options] { return RunImport(*options, code); };
  });
}

}  // namespace freshet::tools
