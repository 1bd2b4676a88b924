#include "tools/opened_folder.h"

#include <filesystem>
#include <utility>

namespace freshet::tools {
namespace {

storage::JournalOptions JournalOptionsOf(const config::LogSettings& log) {
  storage::JournalOptions options;
  options.durability =
      log.durability == "os" ? storage::Durability::kOs : storage::Durability::kFsync;
  options.maximum_queued_entries = log.maximum_queued_entries;
  options.retention_ms = static_cast<std::int64_t>(log.retention_hours) * 3'600'000;
  options.retention_bytes = log.retention_megabytes << 20;
  return options;
}

core::Result<OpenedFolder> Open(const std::string& path, const config::Settings& settings,
                                bool only_to_read) {
  OpenedFolder opened;
  auto folder = storage::DataFolder::Open(path);
  if (!folder) return folder.error();
  opened.folder = std::move(*folder);
  const auto log = opened.folder->RememberedLog();
  if (!log) return log.error();
  if (!only_to_read || *log != storage::LogKind::kKafka) {
    auto journal = opened.folder->OpenJournal(JournalOptionsOf(settings.log));
    if (!journal) return journal.error();
    opened.journal = std::move(*journal);
  }
  storage::StoreOptions store_options;
  store_options.maximum_dead_letters = settings.checkpoint.maximum_dead_letters;
  auto store = opened.folder->OpenStore(store_options);
  if (!store) return store.error();
  opened.store = std::move(*store);
  return opened;
}

}  // namespace

core::Result<OpenedFolder> OpenFolder(const std::string& path, const config::Settings& settings) {
  return Open(path, settings, false);
}

core::Result<OpenedFolder> OpenExistingFolder(const std::string& path,
                                              const config::Settings& settings) {
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::path(path) / "FORMAT", error)) {
    return core::NotFound(path + ": there is no data folder here (it has no file FORMAT)");
  }
  return Open(path, settings, true);
}

}  // namespace freshet::tools
