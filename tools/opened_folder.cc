#include "tools/opened_folder.h"

#include <chrono>
#include <filesystem>
#include <string_view>
#include <utility>

#include "core/recipes/learner.h"

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
                                bool only_to_read, storage::ReportMissing missing = {}) {
  OpenedFolder opened;
  auto folder = storage::DataFolder::Open(path);
  if (!folder) return folder.error();
  opened.folder = std::move(*folder);
  std::error_code error;
  // A folder whose log is in Kafka has none, and neither has a cut (storage/data_folder.h).
  const bool has_journal = std::filesystem::exists(path + "/journal", error);
  if (has_journal || !only_to_read) {
    auto journal = opened.folder->OpenJournal(JournalOptionsOf(settings.log));
    if (!journal) return journal.error();
    opened.journal = std::move(*journal);
  }
  storage::StoreOptions store_options;
  store_options.maximum_dead_letters = settings.checkpoint.maximum_dead_letters;
  store_options.salvage = std::move(missing);
  auto store = opened.folder->OpenStore(store_options);
  if (!store) return store.error();
  opened.store = std::move(*store);
  return opened;
}

}  // namespace

core::Result<OpenedFolder> OpenFolder(const std::string& path, const config::Settings& settings) {
  return Open(path, settings, false);
}

core::Result<OpenedFolder> OpenCopiedJournal(const std::string& path,
                                             const config::Settings& settings) {
  return Open(path, settings, false, [](const std::string&) {});
}

core::Result<OpenedFolder> OpenExistingFolder(const std::string& path,
                                              const config::Settings& settings) {
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::path(path) / "FORMAT", error)) {
    return core::NotFound(path + ": there is no data folder here (it has no file FORMAT)");
  }
  return Open(path, settings, true);
}

core::Result<core::Positions> LoadHistories(OpenedFolder* opened, core::State* state) {
  if (opened->journal != nullptr) return LoadState(opened, state);
  FRESHET_RETURN_IF_ERROR(
      opened->store->Load([&](core::Table table, std::string_view key, std::string_view value) {
        const bool is_needed = table == core::Table::kMeta || table == core::Table::kItems ||
                               table == core::Table::kUsers || table == core::Table::kHistories;
        return is_needed ? state->LoadRow(table, key, value) : core::Status();
      }));
  FRESHET_RETURN_IF_ERROR(state->FinishLoad());
  return opened->store->Covered();
}

core::Result<core::Positions> LoadState(OpenedFolder* opened, core::State* state) {
  FRESHET_RETURN_IF_ERROR(
      opened->store->Load([&](core::Table table, std::string_view key, std::string_view value) {
        return state->LoadRow(table, key, value);
      }));
  FRESHET_RETURN_IF_ERROR(state->FinishLoad());
  auto reached = opened->store->Covered();
  if (!reached || opened->journal == nullptr) return reached;
  FRESHET_RETURN_IF_ERROR(opened->journal->Seek(*reached));
  const auto end = opened->journal->End();
  if (!end) return end.error();
  core::Learner learner(state);
  storage::LogBatch batch;
  while (!core::Covers(*reached, *end)) {
    FRESHET_RETURN_IF_ERROR(opened->journal->Poll(4096, std::chrono::milliseconds(0), &batch));
    for (const core::StampedEntry& entry : batch.entries) learner.Apply(entry);
    *reached = batch.next;
  }
  return reached;
}

}  // namespace freshet::tools
