#include "storage/data_folder.h"

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/end_mark.h"
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
constexpr std::string_view kFormatText = "freshet data 2\n";
constexpr std::size_t kMaximumSmallFileBytes = 256;

core::Error NotOurs(const std::string& path, const std::string& name) {
  if (name == "journal" || name == "state") {
    return core::Corruption(path + "/FORMAT is missing, but " + path + "/" + name +
                            " is there; restore a backup of the data folder, or write the line \"" +
                            std::string(kFormatText.substr(0, kFormatText.size() - 1)) +
                            "\" into " + path + "/FORMAT if this version wrote it");
  }
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
  // Written over what is there, which a full disk permits; a line's rest is cut afterwards.
  const std::string line = std::to_string(::getpid()) + "\n";
  core::Status written = WriteBytes(*file, path, line);
  if (written.ok()) written = Sync(*file, path);
  if (!written.ok() && written.error().code != core::ErrorCode::kExhausted) return written.error();
  if (::ftruncate(file->get(), static_cast<off_t>(line.size())) != 0) {
    return SystemError(path, errno);
  }
  return file;
}

core::Status CheckFormat(const std::string& folder) {
  const std::string path = folder + "/" + std::string(kFormatFile);
  std::error_code error;
  if (!fs::exists(path, error)) return WriteFileAside(folder, kFormatFile, kFormatText);
  const auto text = ReadFile(path, kMaximumSmallFileBytes);
  if (!text) return text.error();
  if (*text == kFormatText) return {};
  std::string found = *text;
  while (!found.empty() && found.back() == '\n') found.pop_back();
  const bool is_older = found == "freshet data 1";
  return core::Corruption(
      path + " says \"" + found + "\", but this program reads \"freshet data 2\"; " +
      (is_older
           ? "an older version wrote the folder, and there is no conversion: name a new folder "
             "and import the events into it again, or use the version that wrote it"
           : "use the version of Freshet that wrote the folder, or another folder; if the file "
             "is damaged, restore a backup of the data folder"));
}

// Whether the path still leads to what was opened there.
core::Status CheckIsSame(const std::string& path, const File& opened) {
  struct stat now {};
  struct stat then {};
  if (::fstat(opened.get(), &then) != 0) return SystemError(path, errno);
  if (::stat(path.c_str(), &now) != 0) {
    return SystemError(path, errno).With("the data folder was removed or moved away");
  }
  if (now.st_dev == then.st_dev && now.st_ino == then.st_ino) return {};
  return core::IoError("the data folder was replaced: " + path +
                       " is another one than this process has opened");
}

// Who may read a folder that was there before is not for others either.
void KeepOthersOut(const File& folder) {
  constexpr mode_t kOthers = 0027;
  struct stat facts {};
  if (::fstat(folder.get(), &facts) != 0 || facts.st_uid != ::geteuid()) return;
  if ((facts.st_mode & kOthers) != 0)
    (void)::fchmod(folder.get(), facts.st_mode & 07777 & ~kOthers);
}

class LocalDataFolder : public DataFolder {
 public:
  LocalDataFolder(std::string path, File folder, File lock)
      : path_(std::move(path)), folder_(std::move(folder)), lock_(std::move(lock)) {}

  core::Status CheckIsThere() const override {
    FRESHET_RETURN_IF_ERROR(CheckIsSame(path_, folder_));
    return CheckIsSame(path_ + "/" + std::string(kLockFile), lock_);
  }

  core::Result<std::optional<LogKind>> RememberedLog() override {
    const std::string path = path_ + "/" + std::string(kLogFile);
    std::error_code error;
    if (!fs::exists(path, error)) {
      if (!fs::exists(path_ + "/journal", error) && !fs::exists(path_ + "/state", error)) {
        return std::optional<LogKind>();
      }
      return core::Corruption(
          path + " is missing; restore a backup of the data folder, or write " +
          "\"journal\" or \"kafka\" into it, whichever the folder learned from");
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
    return WriteFileAside(path_, kLogFile, kind == LogKind::kKafka ? kKafkaText : kJournalText);
  }

  core::Result<std::unique_ptr<EventLog>> OpenJournal(const JournalOptions& options) override {
    FRESHET_RETURN_IF_ERROR(RememberLog(LogKind::kJournal));
    const std::string folder = path_ + "/journal";
    JournalOptions bound = options;
    bound.check_folder = [this] { return CheckIsThere(); };
    auto journal = OpenRocksJournal(folder, bound);
    if (journal) return journal;
    return AdviseOnDamage(journal.error().With("the journal in " + folder + " cannot be opened"),
                          path_);
  }

  core::Result<std::unique_ptr<CheckpointStore>> OpenStore(const StoreOptions& options) override {
    const std::string folder = path_ + "/state";
    StoreOptions bound = options;
    bound.check_folder = [this] { return CheckIsThere(); };
    core::Status found = FindCheckpoint(options);
    core::Result<std::unique_ptr<CheckpointStore>> store =
        found.ok() ? OpenRocksStore(folder, bound) : found.error();
    if (store) return store;
    return AdviseOnDamage(store.error().With("the checkpoint in " + folder + " cannot be opened"),
                          path_);
  }

 private:
  // A journal that was trimmed cannot make up for a checkpoint that is gone.
  [[nodiscard]] core::Status FindCheckpoint(const StoreOptions& options) const {
    const std::string state = path_ + "/state";
    if (std::error_code error; fs::exists(state, error)) return {};
    const auto mark = EndMark::Open(path_ + "/journal");
    if (!mark || mark->reach().first <= 1) return {};
    const std::string text = state + " is missing, and the journal begins at entry " +
                             std::to_string(mark->reach().first);
    if (!options.salvage) return core::Corruption(text);
    options.salvage(text + ": what the entries before it taught is gone");
    return {};
  }

  const std::string path_;
  const File folder_;
  const File lock_;
};

}  // namespace

core::Result<std::unique_ptr<DataFolder>> DataFolder::Open(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) FRESHET_RETURN_IF_ERROR(MakeFolder(path));
  FRESHET_RETURN_IF_ERROR(CheckIsOurs(path));
  auto opened = OpenFile(path, O_RDONLY | O_DIRECTORY);
  if (!opened) return opened.error();
  auto lock = Lock(path);
  if (!lock) return lock.error();
  KeepOthersOut(*opened);
  FRESHET_RETURN_IF_ERROR(CheckFormat(path));
  std::unique_ptr<DataFolder> folder =
      std::make_unique<LocalDataFolder>(path, std::move(*opened), std::move(*lock));
  return folder;
}

core::Error AdviseOnDamage(core::Error error, const std::string& path) {
  constexpr std::string_view kAdvice = "restore a backup of the data folder";
  if (error.code != core::ErrorCode::kCorruption ||
      error.message.find(kAdvice) != std::string::npos) {
    return error;
  }
  error.message +=
      "; " + std::string(kAdvice) + "; `freshet check --data " + path +
      "` says what else is damaged, and `freshetd --salvage --data " + path +
      "` goes on with what is readable and says what is missing (copy the folder first)";
  return error;
}

core::Status PrepareCut(const std::string& data, const std::string& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  if (error) return SystemError(folder, error.value());
  FRESHET_RETURN_IF_ERROR(MakeFolder(folder));
  for (const std::string_view name : {kFormatFile, kLogFile}) {
    const fs::path from = fs::path(data) / name;
    if (!fs::exists(from, error)) continue;
    fs::copy_file(from, fs::path(folder) / name, error);
    if (error) return SystemError(folder, error.value());
  }
  return {};
}

}  // namespace freshet::storage
