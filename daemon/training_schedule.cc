#include "daemon/training_schedule.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "config/duration.h"
#include "config/print.h"
#include "daemon/training_due.h"
#include "storage/data_folder.h"
#include "storage/generation_choice.h"
#include "storage/generation_folder.h"

namespace freshet::daemon {
namespace {

namespace fs = std::filesystem;

// The trainer has it from the thread. As for what makes generations ready.
constexpr int kNiceness = 10;
// Clocks may be set meanwhile.
constexpr std::int64_t kLongestWaitMs = 60'000;
constexpr std::int64_t kReadyPauseMs = 1'000;
constexpr int kTooLittleExitCode = 3;
constexpr std::string_view kOwnPrefix = "freshet: ";

std::int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// "scheduled-2026-11-23T02-54-12Z": sorts by time, and any file system takes it.
std::string NameOf(std::int64_t time_ms) {
  const std::time_t seconds = time_ms / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H-%M-%SZ", &parts);
  return std::string(storage::kScheduledPrefix) + text.data();
}

std::string ProgramOf(const config::TrainingSettings& settings) {
  if (!settings.program.empty()) return settings.program;
  std::error_code error;
  const fs::path own = fs::read_symlink("/proc/self/exe", error);
  return (own.parent_path() / "freshet").string();
}

// What trainings have left that ended with the process that ran them.
void RemoveLeftOver(const std::string& generations) {
  std::error_code ignored;
  for (fs::directory_iterator it(generations, ignored), end; it != end; it.increment(ignored)) {
    const fs::path& path = it->path();
    if (!path.filename().string().starts_with(storage::kScheduledPrefix)) continue;
    const bool is_half = path.extension() == ".new" || path.extension() == ".training";
    // It is written before the generation that it belongs to.
    const bool is_stray =
        path.extension() == ".pairs" && !fs::exists(fs::path(path).replace_extension(), ignored);
    if (is_half || is_stray) fs::remove_all(path, ignored);
  }
}

core::Status WriteText(const std::string& path, std::string_view text) {
  const auto file = storage::OpenFile(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file) return file.error();
  return storage::WriteBytes(*file, path, text);
}

}  // namespace

TrainingSchedule::TrainingSchedule(const config::Settings& settings, Engine* engine,
                                   const Generations* generations)
    : settings_(settings),
      engine_(engine),
      generations_(generations),
      cut_(settings.data + "/training"),
      stop_event_(::eventfd(0, EFD_CLOEXEC)) {
  std::error_code ignored;
  fs::remove_all(cut_, ignored);
  status_.every_s = settings.training.every_s;
}

TrainingSchedule::~TrainingSchedule() { Stop(); }

void TrainingSchedule::Start() {
  if (settings_.training.every_s > 0) thread_ = std::thread([this] { Run(); });
}

void TrainingSchedule::Stop() {
  const std::uint64_t once = 1;
  (void)!::write(stop_event_.get(), &once, sizeof(once));
  if (thread_.joinable()) thread_.join();
}

TrainingSchedule::Status TrainingSchedule::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void TrainingSchedule::Run() {
  // On Linux a priority is a thread's, and what it starts has the same.
  (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNiceness);
  RemoveLeftOver(generations_->folder());
  const std::int64_t every_ms = std::int64_t{settings_.training.every_s} * 1000;
  std::optional<std::int64_t> last_ms = LastMade();
  for (;;) {
    const std::int64_t now_ms = NowMs();
    const std::int64_t next_ms = NextTraining(last_ms, every_ms, now_ms);
    {
      const std::lock_guard lock(mutex_);
      status_.next_ms = next_ms;
    }
    if (next_ms > now_ms) {
      if (!Wait(std::min(next_ms - now_ms, kLongestWaitMs))) return;
    } else if (!engine_->Status().ready || !generations_->status().looked) {
      // Still catching up, the disk is full, or it is not known what a new one has to hold against.
      if (!Wait(kReadyPauseMs)) return;
    } else {
      Train(now_ms);
      last_ms = now_ms;
    }
  }
}

bool TrainingSchedule::Wait(std::int64_t milliseconds) const {
  pollfd stop{stop_event_.get(), POLLIN, 0};
  return ::poll(&stop, 1, static_cast<int>(milliseconds)) <= 0;
}

// A restart is no reason to train again.
std::optional<std::int64_t> TrainingSchedule::LastMade() const {
  const auto all = storage::ListGenerations(generations_->folder());
  if (!all) return std::nullopt;
  const auto* newest = storage::NewestOf(*all, [](const storage::ListedGeneration& one) {
    return one.name.starts_with(storage::kScheduledPrefix);
  });
  return newest == nullptr ? std::nullopt : std::optional(newest->file->manifest.created_ms);
}

void TrainingSchedule::Train(std::int64_t began_ms) {
  {
    const std::lock_guard lock(mutex_);
    status_.running = true;
  }
  const std::string name = NameOf(began_ms);
  std::optional<Ended> ended = Make(name);
  std::error_code ignored;
  fs::remove_all(cut_, ignored);
  if (!ended || ended->generation.empty()) {
    (void)storage::RemoveGeneration(generations_->folder(), name);
  }
  RemoveOutlived();
  if (ended) {
    ended->began_ms = began_ms;
    ended->seconds = static_cast<double>(NowMs() - began_ms) / 1000;
    Report(*ended);
  }
  const std::lock_guard lock(mutex_);
  status_.running = false;
}

std::optional<TrainingSchedule::Ended> TrainingSchedule::Make(const std::string& name) {
  const auto failed = [](const core::Error& error) {
    return Ended{.outcome = Outcome::kFailed, .reason = error.message, .generation = {}};
  };
  if (const core::Status cut = TakeCut(); !cut.ok()) {
    return failed(cut.error().With("cannot take a cut of the last checkpoint"));
  }
  std::string last_line;
  const auto end = RunChild(Command(name), stop_event_.get(), [&](std::string_view line) {
    spdlog::info("training: {}", line);
    last_line = line;
  });
  if (!end) return failed(end.error().With("cannot start the trainer"));
  if (end->kind == ChildEnd::Kind::kStopped) {
    spdlog::info("a training was under way and is given up");
    return std::nullopt;
  }
  return Judge(*end, name, last_line);
}

core::Status TrainingSchedule::TakeCut() {
  FRESHET_RETURN_IF_ERROR(storage::PrepareCut(settings_.data, cut_));
  FRESHET_RETURN_IF_ERROR(WriteText(cut_ + "/freshet.toml", config::PrintConfig(settings_)));
  return engine_->Cut(cut_ + "/state");
}

// What is served, or will be when the folder is looked at next.
std::string TrainingSchedule::Rival() const {
  std::vector<std::string> names;
  if (const auto all = storage::ListGenerations(generations_->folder())) {
    const auto current = storage::CurrentOrNewest(generations_->folder(), *all);
    if (current) names.push_back(current->name);
  }
  const Generations::Served serving = generations_->serving();
  if (serving != nullptr) names.push_back(serving->name());
  const Generations::Status known = generations_->status();
  for (const std::string& name : names) {
    const bool is_refused = std::ranges::any_of(known.all, [&](const Generations::Listed& one) {
      return one.name == name && !one.refused_because.empty();
    });
    std::error_code ignored;
    if (!is_refused && !name.empty() && fs::exists(generations_->folder() + "/" + name, ignored)) {
      return name;
    }
  }
  if (serving != nullptr) {
    spdlog::warn("generation {} is served, but no longer there whole: nothing is compared with it",
                 serving->name());
  }
  return {};
}

ChildCommand TrainingSchedule::Command(const std::string& name) const {
  const config::TrainingSettings& settings = settings_.training;
  ChildCommand command;
  command.maximum_bytes = settings.maximum_megabytes << 20;
  command.time_limit = std::chrono::seconds(settings.time_limit_s);
  command.arguments = {ProgramOf(settings),
                       "train",
                       "--data",
                       cut_,
                       "--config",
                       cut_ + "/freshet.toml",
                       "--output",
                       generations_->folder() + "/" + name,
                       "--threads",
                       std::to_string(settings.threads),
                       "--parent",
                       std::to_string(::getpid())};
  if (const std::string rival = Rival(); !rival.empty()) {
    const std::vector<std::string> against = {"--against", generations_->folder() + "/" + rival,
                                              "--tolerance", std::to_string(settings.tolerance)};
    command.arguments.insert(command.arguments.end(), against.begin(), against.end());
  }
  command.arguments.insert(command.arguments.end(), settings.arguments.begin(),
                           settings.arguments.end());
  return command;
}

TrainingSchedule::Ended TrainingSchedule::Judge(const ChildEnd& end, const std::string& name,
                                                const std::string& last_line) const {
  const std::string said =
      last_line.starts_with(kOwnPrefix) ? last_line.substr(kOwnPrefix.size()) : last_line;
  Ended ended;
  ended.outcome = Outcome::kFailed;
  if (end.kind == ChildEnd::Kind::kTimeLimit) {
    ended.reason = "the trainer was killed: it took longer than training.time_limit = \"" +
                   config::DurationText(settings_.training.time_limit_s) + "\"";
  } else if (end.kind == ChildEnd::Kind::kSignalled) {
    const char* const words = ::sigdescr_np(end.code);  // null for those without a name
    ended.reason = "the trainer was ended by a signal: " +
                   (words != nullptr ? std::string(words) : std::to_string(end.code));
    if (end.code == SIGKILL) ended.reason += " (has memory run out?)";
  } else if (end.code == kTooLittleExitCode) {
    ended.outcome = Outcome::kTooLittle;
    ended.reason = said;
  } else if (end.code != 0) {
    ended.reason = "the trainer failed with exit code " + std::to_string(end.code) + ": " + said;
  } else {
    const auto file = storage::ReadGenerationManifest(generations_->folder() + "/" + name);
    if (!file) {
      ended.reason = "the trainer has made no generation: " + file.error().message;
      return ended;
    }
    ended.generation = name;
    const auto& comparison = file->manifest.comparison;
    const bool holds = !comparison || comparison->Holds();
    ended.outcome = holds ? Outcome::kMade : Outcome::kRefused;
    if (!holds) ended.reason = storage::WhyRefused(*comparison);
  }
  return ended;
}

void TrainingSchedule::RemoveOutlived() const {
  const std::string& folder = generations_->folder();
  const auto all = storage::ListGenerations(folder);
  if (!all) return;
  const auto current = storage::CurrentOrNewest(folder, *all);
  if (!current) return;  // who knows what is needed
  std::vector<std::string> needed = {current->name, current->former};
  if (const Generations::Served serving = generations_->serving())
    needed.push_back(serving->name());
  for (const std::string& name :
       storage::OutlivedGenerations(*all, settings_.training.keep, needed)) {
    const core::Status removed = storage::RemoveGeneration(folder, name);
    if (removed.ok()) {
      spdlog::info("generation {} is outlived and removed", name);
    } else {
      spdlog::warn("generation {} cannot be removed: {}", name, removed.error().message);
    }
  }
}

void TrainingSchedule::Report(const Ended& ended) {
  switch (ended.outcome) {
    case Outcome::kMade:
      spdlog::info("generation {} is trained, in {:.1f} s", ended.generation, ended.seconds);
      break;
    case Outcome::kRefused:
      spdlog::warn("generation {} is trained and refused: {}", ended.generation, ended.reason);
      break;
    case Outcome::kTooLittle:
      spdlog::info("no training: {}", ended.reason);
      break;
    case Outcome::kFailed:
      spdlog::error("the training failed after {:.1f} s: {}", ended.seconds, ended.reason);
      break;
  }
  const std::lock_guard lock(mutex_);
  ++status_.counts[static_cast<std::size_t>(ended.outcome)];
  if (ended.outcome == Outcome::kMade) status_.last_made_ms = ended.began_ms;
  status_.last = ended;
}

}  // namespace freshet::daemon
