#include "storage/data_folder.h"

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "storage/file.h"
#include "storage/rocks_journal.h"
#include "storage/rocks_store.h"

namespace freshet::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormatFile = "FORMAT";
constexpr std::string_view kNewFormatFile = "FORMAT.new";
constexpr std::string_view kLockFile = "LOCK";
constexpr std::string_view kLogFile = "LOG";
// Not of the folder's format, and may be there before all else: trained before the first start.
constexpr std::string_view kGenerationsFolder = "generations";
constexpr std::string_view kJournalText = "journal\n";
constexpr std::string_view kKafkaText = "kafka\n";
constexpr std::string_view kFormatText = "freshet data 1\n";
constexpr std::size_t kMaximumSmallFileBytes = 256;

core::Status CreateFolder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return SystemError(path, error.value());
  return {};
}

core::Error NotOurs(const std::string& path, const std::string& name) {
  return core::InvalidArgument(path + " is not a data folder: it has no FORMAT file, but holds " +
                               name + "; name an empty or a new folder");
}

// A folder that holds anything else than a data folder's beginnings is somebody's own.
core::Status CheckIsOurs(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return core::InvalidArgument(path + " is not a folder");
  if (fs::exists(path + "/" + std::string(kFormatFile), error)) return {};
  fs::directory_iterator it(path, error);
  if (error) return SystemError(path, error.value());
  for (; it != fs::directory_iterator(); it.increment(error)) {
    if (error) return SystemError(path, error.value());
    const std::string name = it->path().filename();
    if (name != kLockFile && name != kNewFormatFile && name != kGenerationsFolder &&
        name != "lost+found") {
      return NotOurs(path, name);
    }
  }
  return {};
}

core::Result<File> Lock(const std::string& folder) {
  const std::string path = folder + "/" + std::string(kLockFile);
  auto file = OpenFile(path, O_RDWR | O_CREAT);
  if (!file) return file.error();
  if (::flock(file->get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return SystemError(path, errno);
    const auto text = ReadFile(path, kMaximumSmallFileBytes);
    std::string holder = text ? *text : std::string();
    while (!holder.empty() && holder.back() == '\n') holder.pop_back();
    return core::Unavailable("data folder " + folder + " is in use by process " +
                             (holder.empty() ? "(unknown)" : holder));
  }
  if (::ftruncate(file->get(), 0) != 0) return SystemError(path, errno);
  FRESHET_RETURN_IF_ERROR(WriteBytes(*file, path, std::to_string(::getpid()) + "\n"));
  FRESHET_RETURN_IF_ERROR(Sync(*file, path));
  return file;
}

// Written aside and renamed, so that a crash never leaves half of it.
core::Status WriteSmallFile(const std::string& folder, std::string_view name,
                            std::string_view text) {
  const std::string path = folder + "/" + std::string(name);
  const std::string aside = path + ".new";
  {
    const auto file = OpenFile(aside, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file) return file.error();
    FRESHET_RETURN_IF_ERROR(WriteBytes(*file, aside, text));
    FRESHET_RETURN_IF_ERROR(Sync(*file, aside));
  }
  if (::rename(aside.c_str(), path.c_str()) != 0) return SystemError(path, errno);
  return SyncFolder(folder);
}

core::Status CheckFormat(const std::string& folder) {
  const std::string path = folder + "/" + std::string(kFormatFile);
  std::error_code error;
  if (!fs::exists(path, error)) return WriteSmallFile(folder, kFormatFile, kFormatText);
  const auto text = ReadFile(path, kMaximumSmallFileBytes);
  if (!text) return text.error();
  if (*text == kFormatText) return {};
  std::string found = *text;
  while (!found.empty() && found.back() == '\n') found.pop_back();
  return core::Corruption(path + " says \"" + found +
                          "\", but this program reads \"freshet data 1\"; use the version of "
                          "Freshet that wrote the folder, or another folder");
}

class LocalDataFolder : public DataFolder {
 public:
  LocalDataFolder(std::string path, File lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  core::Result<std::optional<LogKind>> RememberedLog() override {
    const std::string path = path_ + "/" + std::string(kLogFile);
    std::error_code error;
    if (!fs::exists(path, error)) {
      // Folders from before there was another kind do not say.
      const bool learned =
          fs::exists(path_ + "/journal", error) || fs::exists(path_ + "/state", error);
      return learned ? std::optional(LogKind::kJournal) : std::nullopt;
    }
    const auto text = ReadFile(path, kMaximumSmallFileBytes);
    if (!text) return text.error();
    if (*text == kJournalText) return std::optional(LogKind::kJournal);
    if (*text == kKafkaText) return std::optional(LogKind::kKafka);
    return core::Corruption(path +
                            " names no kind of log that this program knows; restore a "
                            "backup of the data folder");
  }

  core::Status RememberLog(LogKind kind) override {
    const auto remembered = RememberedLog();
    if (!remembered) return remembered.error();
    if (*remembered && **remembered != kind) {
      const bool was_kafka = kind == LogKind::kJournal;
      return core::InvalidArgument("data folder " + path_ + " has learned from " +
                                   (was_kafka ? "Kafka" : "its journal") +
                                   " and cannot go on with " + (was_kafka ? "a journal" : "Kafka") +
                                   ", where its positions mean nothing; set log.kind = \"" +
                                   (was_kafka ? "kafka" : "journal") + "\", or name a new folder");
    }
    std::error_code error;
    if (fs::exists(path_ + "/" + std::string(kLogFile), error)) return {};
    return WriteSmallFile(path_, kLogFile, kind == LogKind::kKafka ? kKafkaText : kJournalText);
  }

  core::Result<std::unique_ptr<EventLog>> OpenJournal(const JournalOptions& options) override {
    FRESHET_RETURN_IF_ERROR(RememberLog(LogKind::kJournal));
    const std::string folder = path_ + "/journal";
    auto journal = OpenRocksJournal(folder, options);
    if (journal) return journal;
    return Advise(journal.error(), "the journal in " + folder,
                  "restore a backup of the data folder; or move " + folder +
                      " away: what the last checkpoint covers is kept, later events are lost");
  }

  core::Result<std::unique_ptr<CheckpointStore>> OpenStore(const StoreOptions& options) override {
    const std::string folder = path_ + "/state";
    auto store = OpenRocksStore(folder, options);
    if (store) return store;
    return Advise(store.error(), "the checkpoint in " + folder,
                  "restore a backup of the data folder; or move " + folder +
                      " away: it is rebuilt from the events that the journal still holds");
  }

 private:
  static core::Error Advise(const core::Error& error, const std::string& what,
                            const std::string& advice) {
    core::Error advised = error.With(what + " cannot be opened");
    if (error.code == core::ErrorCode::kCorruption) advised.message += "; " + advice;
    return advised;
  }

  const std::string path_;
  const File lock_;
};

}  // namespace

core::Result<std::unique_ptr<DataFolder>> DataFolder::Open(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) FRESHET_RETURN_IF_ERROR(CreateFolder(path));
  FRESHET_RETURN_IF_ERROR(CheckIsOurs(path));
  auto lock = Lock(path);
  if (!lock) return lock.error();
  FRESHET_RETURN_IF_ERROR(CheckFormat(path));
  std::unique_ptr<DataFolder> folder = std::make_unique<LocalDataFolder>(path, std::move(*lock));
  return folder;
}

core::Status PrepareCut(const std::string& data, const std::string& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  if (error) return SystemError(folder, error.value());
  FRESHET_RETURN_IF_ERROR(CreateFolder(folder));
  for (const std::string_view name : {kFormatFile, kLogFile}) {
    const fs::path from = fs::path(data) / name;
    if (!fs::exists(from, error)) continue;
    fs::copy_file(from, fs::path(folder) / name, error);
    if (error) return SystemError(folder, error.value());
  }
  return {};
}

}  // namespace freshet::storage
