#include "tools/input_list.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace freshet::tools {
namespace {

namespace fs = std::filesystem;

bool HoldsLines(std::string_view name) {
  if (name.ends_with(".gz")) name.remove_suffix(3);
  return name.ends_with(".ndjson") || name.ends_with(".jsonl");
}

core::Result<InputPath> OneInput(const fs::path& path, InputKind csv_kind) {
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(path, error);
  if (error) return core::NotFound(path.string() + ": " + error.message());
  const bool lines = csv_kind == InputKind::kEventCsv && HoldsLines(path.string());
  return InputPath{path.string(), lines ? InputKind::kEventLines : csv_kind, bytes};
}

}  // namespace

core::Result<std::vector<InputPath>> ListInputs(const std::string& path, InputKind csv_kind) {
  std::error_code error;
  std::vector<fs::path> paths;
  if (fs::is_directory(path, error)) {
    fs::directory_iterator entry(path, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      const bool hidden = entry->path().filename().string().starts_with('.');
      if (entry->is_regular_file() && !hidden) paths.push_back(entry->path());
    }
    if (error) return core::IoError(path + ": " + error.message());
    if (paths.empty()) return core::NotFound(path + ": the folder has no files");
    std::sort(paths.begin(), paths.end());
  } else {
    paths.emplace_back(path);
  }
  std::vector<InputPath> inputs;
  for (const fs::path& one : paths) {
    auto input = OneInput(one, csv_kind);
    if (!input) return input.error();
    inputs.push_back(std::move(*input));
  }
  return inputs;
}

}  // namespace freshet::tools
