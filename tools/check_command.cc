#include "tools/check_command.h"

#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <system_error>

#include "core/state.h"
#include "storage/data_folder.h"
#include "storage/generation_folder.h"
#include "tools/settings_flags.h"

namespace freshet::tools {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string data;
  SettingsFlags settings;
};

// Prints a line for each part and counts those that are damaged.
class Report {
 public:
  void Add(const std::string& part, const core::Result<std::string>& found) {
    if (found) {
      std::cout << part << ": ok, " << *found << '\n';
      return;
    }
    ++damaged_;
    std::cout << part << ": DAMAGED: " << found.error().message << '\n';
  }
  [[nodiscard]] int damaged() const { return damaged_; }

 private:
  int damaged_ = 0;
};

core::Result<std::string> CheckJournal(storage::DataFolder* folder,
                                       const core::Positions& covered) {
  storage::JournalOptions options;
  options.read_only = true;
  auto journal = folder->OpenJournal(options);
  if (!journal) return journal.error();
  FRESHET_RETURN_IF_ERROR((*journal)->Seek({}));
  const auto end = (*journal)->End();
  if (!end) return end.error();
  std::uint64_t entries = 0;
  std::uint64_t bad = 0;
  storage::LogBatch batch;
  do {
    FRESHET_RETURN_IF_ERROR((*journal)->Poll(4096, std::chrono::milliseconds(0), &batch));
    entries += batch.entries.size();
    bad += batch.bad.size();
  } while (!core::Covers(batch.next, *end));
  FRESHET_RETURN_IF_ERROR((*journal)->Seek(covered));
  if (bad > 0) {
    return core::Corruption(std::to_string(bad) + " of " + std::to_string(entries + bad) +
                            " entries cannot be read");
  }
  return std::to_string(entries) + " entries";
}

core::Result<std::string> CheckCheckpoint(storage::DataFolder* folder,
                                          const core::Settings& learning,
                                          core::Positions* covered) {
  storage::StoreOptions options;
  options.read_only = true;
  auto store = folder->OpenStore(options);
  if (!store) return store.error();
  core::State state(learning);
  std::uint64_t rows = 0;
  FRESHET_RETURN_IF_ERROR(
      (*store)->Load([&](core::Table table, std::string_view key, std::string_view value) {
        ++rows;
        return state.LoadRow(table, key, value);
      }));
  FRESHET_RETURN_IF_ERROR(state.FinishLoad());
  const auto letters = (*store)->DeadLetters();
  if (!letters) return letters.error();
  const auto reached = (*store)->Covered();
  if (!reached) return reached.error();
  *covered = *reached;
  return std::to_string(rows) + " rows, " + std::to_string(letters->size()) + " dead letters";
}

core::Result<std::string> CheckGeneration(const fs::path& path) {
  const auto generation = storage::ReadGeneration(path);
  if (!generation) return generation.error();
  return std::to_string(generation->item_ids.size()) + " items, " +
         std::to_string(generation->user_ids.size()) + " users";
}

core::Status Check(const Options& options) {
  const auto settings = options.settings.Load();
  if (!settings) return settings.error();
  std::error_code error;
  const fs::path data(options.data);
  if (!fs::is_directory(data, error)) {
    return core::NotFound(options.data + ": there is no data folder here");
  }
  auto folder = storage::DataFolder::Open(options.data);
  if (!folder) return folder.error();
  Report report;
  core::Positions covered;
  if (fs::exists(data / "state", error)) {
    report.Add("state", CheckCheckpoint(folder->get(), settings->learning, &covered));
  }
  const auto kind = (*folder)->RememberedLog();
  if (!kind) report.Add("LOG", kind.error());
  if (kind && *kind == storage::LogKind::kJournal && fs::exists(data / "journal", error)) {
    report.Add("journal", CheckJournal(folder->get(), covered));
  }
  for (fs::directory_iterator it(data / "generations", error), end; !error && it != end;
       it.increment(error)) {
    if (!it->is_directory()) continue;
    report.Add("generations/" + it->path().filename().string(), CheckGeneration(it->path()));
  }
  if (report.damaged() == 0) return {};
  return core::Corruption(options.data + ": " + std::to_string(report.damaged()) +
                          " parts are damaged; restore a backup of the data folder, or go on with "
                          "what is readable: freshetd --salvage --data " +
                          options.data + " (copy the folder first)");
}

}  // namespace

void AddCheckCommand(CLI::App* app, Run* run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app->add_subcommand(
      "check", "reads all of a stopped daemon's data folder and says what is damaged");
  command->add_option("--data", options->data, "the data folder")->type_name("DIR")->required();
  options->settings.AddTo(command);
  command->callback([run, options] { *run = [options] { return Check(*options); }; });
}

}  // namespace freshet::tools
