// freshet train: a generation of factors, from files or from a stopped daemon's folder.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <sys/prctl.h>
#include <unistd.h>

#include "core/factors/dense_kernels.h"
#include "core/state.h"
#include "storage/generation_folder.h"
#include "tools/command.h"
#include "tools/opened_folder.h"
#include "tools/progress_bar.h"
#include "tools/recorded_log.h"
#include "tools/rival.h"
#include "tools/settings_flags.h"
#include "tools/table_flags.h"
#include "tools/thread_workers.h"
#include "tools/trained_pairs.h"
#include "tools/training.h"

namespace freshet::tools {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> events;
  std::string data;
  std::string output;
  std::string against;
  pid_t parent = 0;
  std::string model = "ials";
  std::optional<double> lambda;
  std::size_t threads = 0;
  TrainingOptions training;
  TableFlags table;
  SettingsFlags settings;
};

constexpr double kExplicitLambda = 0.07;

// Set by the first signal; a second one ends the process as usual.
std::atomic<bool> interrupted = false;

void StopOnSignals() {
  struct sigaction action {};
  action.sa_handler = [](int /*signal*/) { interrupted = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

// A trainer that a daemon runs ends with it, however that ends.
core::Status EndWith(pid_t parent) {
  if (parent == 0) return {};
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // It may have ended before that.
  if (::getppid() == parent) return {};
  return core::InvalidArgument("process " + std::to_string(parent) + " is not the parent");
}

// All entries that the journal still has.
core::Result<TrainingSet> ReadJournal(storage::EventLog* journal, TrainingSetBuilder* builder) {
  if (journal == nullptr) {
    return core::InvalidArgument(
        "the folder has no journal, which would have the ratings; --events trains from files");
  }
  FRESHET_RETURN_IF_ERROR(journal->Seek({}));
  const auto end = journal->End();
  if (!end) return end.error();
  core::Positions reached;
  storage::LogBatch batch;
  while (!core::Covers(reached, *end)) {
    FRESHET_RETURN_IF_ERROR(journal->Poll(4096, std::chrono::milliseconds(0), &batch));
    for (const core::StampedEntry& entry : batch.entries) builder->Add(entry.entry);
    reached = batch.next;
  }
  TrainingSet set = builder->Take();
  set.through = std::move(reached);
  return set;
}

core::Result<TrainingSet> ReadFolder(const Options& options, const config::Settings& settings,
                                     TrainingSetBuilder* builder) {
  auto opened = OpenExistingFolder(options.data, settings);
  if (!opened) return opened.error();
  if (options.training.feedback == core::FeedbackKind::kExplicit) {
    return ReadJournal(opened->journal.get(), builder);
  }
  core::Settings learning = settings.learning;
  learning.maximum_terms_per_item = 0;  // what an item's words are does not matter here
  core::State state(learning);
  auto reached = LoadHistories(&*opened, &state);
  if (!reached) return reached.error();
  TrainingSet set = TrainingSetOf(state);
  set.through = std::move(*reached);
  return set;
}

core::Result<TrainingSet> Read(const Options& options, const config::Settings& settings) {
  TrainingSetBuilder builder(options.training.feedback, settings.learning.event_weights);
  if (!options.data.empty()) return ReadFolder(options, settings, &builder);
  const auto format = options.table.Format();
  if (!format) return format.error();
  FRESHET_RETURN_IF_ERROR(ForEachRecorded(options.events, InputKind::kEvents, *format,
                                          [&](core::LogEntry&& entry) { builder.Add(entry); }));
  return builder.Take();
}

void PrintMetrics(const core::Generation& generation) {
  for (const auto& [name, value] : generation.manifest.metrics) {
    std::printf("%-46s %.4f\n", name.c_str(), value);
  }
  if (const auto& comparison = generation.manifest.comparison) {
    std::printf("%s: %s %.4f\n", comparison->against.c_str(), comparison->metric.c_str(),
                comparison->other_value);
  }
  constexpr double kEnoughUsers = 100;
  const auto asked = generation.manifest.metrics.find("users_asked");
  if (asked != generation.manifest.metrics.end() && asked->second < kEnoughUsers) {
    std::cerr << "warning: these figures are of " << asked->second
              << " users; below 100 they say nothing\n";
  }
}

core::Result<core::Generation> Train(const Options& options, const TrainingSet& set,
                                     const Rival* rival, const std::string& state_folder) {
  ThreadWorkers workers(options.threads, &interrupted);
  Training training(set, options.training, rival, &workers, &interrupted);
  std::optional<ProgressBar> bar;
  std::size_t resumed_at = 0;
  const auto pairs = [&](std::size_t iterations) { return iterations * set.pairs.size(); };
  auto generation = training.Run(state_folder, [&](const TrainingProgress& progress) {
    if (!bar) {
      resumed_at = progress.iterations - 1;
      bar.emplace(ProgressOnStandardError("training", "pairs", pairs(progress.of - resumed_at)));
    }
    char loss[32];
    std::snprintf(loss, sizeof(loss), "loss %.5f", progress.loss);
    bar->SetNote(loss);
    const std::size_t done = pairs(progress.iterations - resumed_at);
    bar->Update(done, done);
    if (progress.iterations == progress.of) bar->Finish(done);
  });
  return generation;
}

// The generation that --against names, if it names one.
core::Result<std::optional<Rival>> ReadRival(const Options& options) {
  std::optional<Rival> rival;
  if (options.against.empty()) return rival;
  if (options.training.feedback == core::FeedbackKind::kExplicit) {
    return core::InvalidArgument("--against compares what is served, which is not explicit");
  }
  if (options.training.held_out_share == 0) {
    return core::InvalidArgument(
        "--against compares by what is held out; --hold-out 0 leaves none");
  }
  auto read = Rival::Read(options.against);
  if (!read) return read.error();
  rival.emplace(std::move(*read));
  return rival;
}

void SetTime(core::GenerationManifest* manifest) {
  manifest->created_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count();
  // A clock that was wrong must not make everything to come look known.
  manifest->trained_until_ms = std::min(manifest->trained_until_ms, manifest->created_ms);
}

// Both or neither.
core::Status Write(const TrainedPairs& pairs, const core::Generation& generation,
                   const std::string& output) {
  core::Status written = pairs.Write(output);
  if (written) written = storage::WriteGeneration(generation, output);
  if (!written) TrainedPairs::Remove(output);
  return written;
}

core::Status RunTrain(const Options& options) {
  FRESHET_RETURN_IF_ERROR(EndWith(options.parent));
  std::error_code ignored;
  if (fs::exists(options.output, ignored)) {
    return core::InvalidArgument(options.output + " is there already; name a new folder");
  }
  const auto settings = options.settings.Load();
  if (!settings) return settings.error();
  const auto rival = ReadRival(options);
  if (!rival) return rival.error();
  const auto set = Read(options, *settings);
  if (!set) return set.error();
  StopOnSignals();
  std::cerr << "training with " << WithThousands(set->pairs.size()) << " pairs of "
            << WithThousands(set->user_ids.size()) << " users and "
            << WithThousands(set->item_ids.size()) << " items\n";
  const std::string state_folder = options.output + ".training";
  auto generation = Train(options, *set, *rival ? &**rival : nullptr, state_folder);
  if (!generation) return generation.error();
  SetTime(&generation->manifest);
  std::error_code no_folder;  // then writing says so
  fs::create_directories(fs::absolute(options.output).parent_path(), no_folder);
  FRESHET_RETURN_IF_ERROR(Write(TrainedPairs::Of(*set), *generation, options.output));
  fs::remove_all(state_folder, ignored);
  PrintMetrics(*generation);
  std::cerr << "wrote " << options.output << '\n';
  return {};
}

void AddModelFlags(CLI::App* command, Options* options) {
  TrainingOptions& training = options->training;
  command
      ->add_option("--model", options->model,
                   "ials: what was touched is liked; explicit: foretells EVENT_VALUE, a rating")
      ->check(CLI::IsMember({"ials", "explicit"}))
      ->capture_default_str();
  command->add_option("--factors", training.dimension, "numbers in a vector")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  command->add_option("--iterations", training.iterations)
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--seed", training.seed, "of the vectors at the start")
      ->capture_default_str();
  command
      ->add_option("--block", training.block,
                   "coordinates solved for together, a multiple of 16: quicker iterations for many "
                   "factors; 0: all, exactly")
      ->check([](const std::string& text) {
        const bool is_multiple = text.find_first_not_of("0123456789") == std::string::npos &&
                                 text.size() < 6 && std::stoul(text) % core::kKernelColumns == 0;
        return is_multiple ? std::string() : "must be a multiple of 16: " + text;
      })
      ->capture_default_str();
  command
      ->add_option("--lambda", options->lambda,
                   "regularisation; 0.007 for ials, 0.07 for explicit when not given")
      ->check(CLI::Range(1e-9, 1e6));
  command
      ->add_option("--exponent", training.exponent,
                   "of the frequency by which regularisation grows")
      ->check(CLI::Range(0.0, 2.0))
      ->capture_default_str();
  command
      ->add_option(
          "--background-weight", training.background_weight,
          "ials: the weight of a pair that was not observed; when not given all together weigh "
          "20 times the observed, each 0.3 at most")
      ->check(CLI::Range(1e-6, 1e3));
  command
      ->add_option("--recency", training.recency.weight,
                   "ials: how much more a user's newest item counts when the user is folded in; 0: "
                   "all count alike")
      ->check(CLI::Range(0.0, 1e3))
      ->capture_default_str();
  command
      ->add_option("--recency-half-life", training.recency.half_life_items,
                   "ials: after so many newer items that is half as much")
      ->check(CLI::Range(0.1, 1e6))
      ->capture_default_str();
  command->add_option("--alpha", training.alpha, "ials: the weight of an observed pair of weight 1")
      ->check(CLI::Range(1e-6, 1e6))
      ->capture_default_str();
}

}  // namespace

void AddTrainCommand(CLI::App* app, Run* run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app->add_subcommand("train", "trains a generation of factors");
  CLI::Option_group* source = command->add_option_group("source");
  source->add_option("--events", options->events, "interactions")
      ->type_name("FILE|DIR")
      ->allow_extra_args(false);
  source->add_option("--data", options->data, "a stopped daemon's folder, or a copy of one")
      ->type_name("DIR");
  source->require_option(1);
  command->add_option("--output", options->output, "the folder to create")
      ->type_name("DIR")
      ->required();
  AddModelFlags(command, options.get());
  TrainingOptions& training = options->training;
  command
      ->add_option("--hold-out", training.held_out_share,
                   "the newest part, by which is measured before all is trained with; 0: none")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str();
  command
      ->add_option("--against", options->against,
                   "the generation to take the place of: compares the two by what neither has seen")
      ->type_name("DIR");
  command
      ->add_option("--tolerance", training.tolerance,
                   "the share by which it may do worse than that one and still hold")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command
      ->add_option("--minimum-asked", training.minimum_asked, "users by whom the two are compared")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->add_option("--minimum-interactions", training.minimum_events)->capture_default_str();
  command->add_option("--minimum-users", training.minimum_users, "with two items or more")
      ->capture_default_str();
  command->add_option("--threads", options->threads, "0: as many as there are cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->add_option("--parent", options->parent, "the process to end with, which started this")
      ->type_name("PID");
  options->table.AddTo(command);
  options->settings.AddTo(command);
  command->callback([run, options] {
    TrainingOptions& chosen = options->training;
    if (options->model == "explicit") {
      chosen.feedback = core::FeedbackKind::kExplicit;
      chosen.lambda = kExplicitLambda;
    }
    if (options->lambda) chosen.lambda = *options->lambda;
    while (options->output.size() > 1 && options->output.back() == '/') options->output.pop_back();
    *run = [options] { return RunTrain(*options); };
  });
}

}  // namespace freshet::tools
