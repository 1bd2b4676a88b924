#include "tools/replay.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "daemon/engine.h"
#include "daemon/kafka/kafka_log.h"
#include "tools/bulk_options.h"
#include "tools/opened_folder.h"

namespace freshet::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFirstEntry = 1;
constexpr std::chrono::milliseconds kLookInterval{50};

// The journal's files and the folder's format, while the folder is locked.
core::Status CopyJournal(const std::string& from, const std::string& into) {
  const auto locked = storage::DataFolder::Open(from);
  if (!locked) return locked.error();
  std::error_code error;
  fs::create_directories(into, error);
  for (const char* name : {"FORMAT", "LOG", "journal"}) {
    if (error) break;
    if (!fs::exists(fs::path(from) / name, error)) continue;
    fs::copy(fs::path(from) / name, fs::path(into) / name, fs::copy_options::recursive, error);
  }
  if (error) return core::IoError("cannot copy the journal to " + into + ": " + error.message());
  return {};
}

// The number of the first entry that the journal still has; nothing when it has none.
core::Result<std::optional<std::uint64_t>> FirstRetained(storage::EventLog* journal) {
  FRESHET_RETURN_IF_ERROR(journal->Seek({}));
  storage::LogBatch batch;
  FRESHET_RETURN_IF_ERROR(journal->Poll(1, std::chrono::milliseconds(0), &batch));
  if (!batch.entries.empty()) return std::optional(batch.entries.front().position.offset);
  if (!batch.bad.empty()) return std::optional(batch.bad.front().position.offset);
  return std::optional<std::uint64_t>();
}

core::Result<Replayed> Learn(const ReplayInputs& inputs) {
  auto opened = OpenCopiedJournal(inputs.into, inputs.settings);
  if (!opened) return opened.error();
  const auto first = FirstRetained(opened->journal.get());
  if (!first) return first.error();
  Replayed replayed;
  if (*first) replayed.missing = **first - kFirstEntry;
  if (replayed.missing > 0 && !inputs.from_retained) {
    return core::InvalidArgument(
        inputs.from + ": the journal starts at entry " + std::to_string(**first) +
        ", what came before was trimmed away; --from-retained replays what there is");
  }
  daemon::Engine engine(inputs.settings.learning, std::move(opened->journal),
                        std::move(opened->store), BulkOptions());
  FRESHET_RETURN_IF_ERROR(engine.Start(inputs.progress));
  FRESHET_RETURN_IF_ERROR(engine.Stop());
  replayed.entries = engine.Status().applied_entries;
  replayed.bad = engine.Status().dead_letters;
  return replayed;
}

core::Status CheckIsNew(const std::string& into) {
  std::error_code error;
  if (!fs::exists(into, error) || fs::is_empty(into, error)) return {};
  return core::InvalidArgument(into + ": is there already, and a replay needs a new folder");
}

// Waits until everything is applied that was there when the end was first known.
core::Status AwaitEnd(const daemon::Engine& engine,
                      const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  std::optional<core::Positions> wanted;
  for (;;) {
    const daemon::EngineStatus status = engine.Status();
    if (!status.log_failure.empty()) return core::Unavailable(status.log_failure);
    if (!wanted && !status.end.empty()) wanted = status.end;
    if (wanted) {
      const std::uint64_t left = daemon::Distance(status.applied, *wanted);
      if (progress) progress(status.applied_entries, status.applied_entries + left);
      if (core::Covers(status.applied, *wanted)) return {};
    }
    std::this_thread::sleep_for(kLookInterval);
  }
}

core::Result<Replayed> LearnFromKafka(const KafkaReplayInputs& inputs) {
  auto folder = storage::DataFolder::Open(inputs.into);
  if (!folder) return folder.error();
  FRESHET_RETURN_IF_ERROR((*folder)->RememberLog(storage::LogKind::kKafka));
  storage::StoreOptions store_options;
  store_options.maximum_dead_letters = inputs.settings.checkpoint.maximum_dead_letters;
  auto store = (*folder)->OpenStore(store_options);
  if (!store) return store.error();
  config::LogSettings settings = inputs.settings.log;
  settings.kafka.when_unreachable = "exit";
  settings.kafka.dead_letter_topic.clear();  // the daemon has copied them, or will
  auto log = daemon::kafka::KafkaLog::Open(settings, daemon::kafka::KafkaLog::Commits::kNo);
  if (!log) return log.error();
  daemon::Engine engine(inputs.settings.learning, std::move(*log), std::move(*store),
                        BulkOptions());
  FRESHET_RETURN_IF_ERROR(engine.Begin());
  FRESHET_RETURN_IF_ERROR(AwaitEnd(engine, inputs.progress));
  FRESHET_RETURN_IF_ERROR(engine.Stop());
  return Replayed{engine.Status().applied_entries, engine.Status().dead_letters, 0};
}

}  // namespace

core::Result<Replayed> Replay(const ReplayInputs& inputs) {
  std::error_code error;
  if (!fs::exists(fs::path(inputs.from) / "FORMAT", error)) {
    return core::NotFound(inputs.from + ": there is no data folder here (it has no file FORMAT)");
  }
  FRESHET_RETURN_IF_ERROR(CheckIsNew(inputs.into));
  core::Status copied = CopyJournal(inputs.from, inputs.into);
  core::Result<Replayed> replayed = copied.ok() ? Learn(inputs) : copied.error();
  if (!replayed) fs::remove_all(inputs.into, error);
  return replayed;
}

core::Result<Replayed> ReplayFromKafka(const KafkaReplayInputs& inputs) {
  FRESHET_RETURN_IF_ERROR(CheckIsNew(inputs.into));
  core::Result<Replayed> replayed = LearnFromKafka(inputs);
  std::error_code error;
  if (!replayed) fs::remove_all(inputs.into, error);
  return replayed;
}

}  // namespace freshet::tools
