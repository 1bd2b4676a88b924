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

}  // namespace

core::Result<OpenedFolder> OpenFolder(const std::string& path, const config::Settings& settings) {
  OpenedFolder opened;
  auto folder = storage::DataFolder::Open(path);
  if (!folder) return folder.error();
  opened.folder = std::move(*folder);
  auto journal = opened.folder->OpenJournal(JournalOptionsOf(settings.log));
  if (!journal) return journal.error();
  opened.journal = std::move(*journal);
  storage::StoreOptions store_options;
  store_options.maximum_dead_letters = settings.checkpoint.maximum_dead_letters;
  auto store = opened.folder->OpenStore(store_options);
  if (!store) return store.error();
  opened.store = std::move(*store);
  return opened;
}

core::Result<OpenedFolder> OpenExistingFolder(const std::string& path,
                                              const config::Settings& settings) {
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::path(path) / "FORMAT", error)) {
    return core::NotFound(path + ": there is no data folder here (it has no file FORMAT)");
  }
  return OpenFolder(path, settings);
}

}  // namespace freshet::tools
