#include "tools/input_list.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "tools/entry_reader.h"
#include "tools/input_file.h"
#include "tools/printable_text.h"

namespace freshet::tools {
namespace {

namespace fs = std::filesystem;

core::Result<InputPath> OneInput(const fs::path& path, InputKind kind, bool is_from_folder) {
  if (IsStream(path.string())) return InputPath{path.string(), kind, 0, is_from_folder};
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(path, error);
  if (error) return core::NotFound(path.string() + ": " + error.message());
  return InputPath{path.string(), kind, bytes, is_from_folder};
}

// "_SUCCESS, .part-0.crc and 7 more".
std::string Enumerated(std::vector<std::string> names) {
  constexpr std::size_t kShown = 5;
  std::sort(names.begin(), names.end());
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i) {
    text += (text.empty() ? "" : ", ") + PrintableName(names[i]);
  }
  if (names.size() > kShown) text += " and " + std::to_string(names.size() - kShown) + " more";
  return text;
}

struct FolderEntries {
  std::vector<fs::path> files;
  std::vector<std::string> passed_over;
};

core::Result<FolderEntries> EntriesOf(const std::string& path) {
  FolderEntries entries;
  std::error_code error;
  fs::directory_iterator entry(path, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::string name = entry->path().filename().string();
    const bool is_marker = name.starts_with('.') || name.starts_with('_');
    if (entry->is_regular_file() && !is_marker) {
      entries.files.push_back(entry->path());
    } else {
      entries.passed_over.push_back(std::move(name));
    }
  }
  if (error) return core::IoError(path + ": " + error.message());
  std::sort(entries.files.begin(), entries.files.end());
  return entries;
}

void AddNote(std::string note, std::vector<std::string>* notes) {
  const bool is_new = std::find(notes->begin(), notes->end(), note) == notes->end();
  if (is_new) notes->push_back(std::move(note));
}

// A rename that no file has use for is a slip of the pen.
core::Status CheckRenames(const TableFormat& format, const std::vector<bool>& is_used) {
  for (std::size_t i = 0; i < is_used.size(); ++i) {
    if (is_used[i]) continue;
    const auto& [from, to] = format.renames[i];
    return core::InvalidArgument("--rename " + from + "=" + to + ": no file has a column " + from);
  }
  return {};
}

}  // namespace

void InputList::Append(InputList&& other) {
  std::move(other.inputs.begin(), other.inputs.end(), std::back_inserter(inputs));
  std::move(other.notes.begin(), other.notes.end(), std::back_inserter(notes));
}

core::Result<InputList> ListInputs(const std::string& path, InputKind kind) {
  InputList list;
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    auto input = OneInput(path, kind, false);
    if (!input) return input.error();
    list.inputs.push_back(std::move(*input));
    return list;
  }
  auto entries = EntriesOf(path);
  if (!entries) return entries.error();
  if (entries->files.empty()) {
    std::string message = path + ": the folder has no files";
    if (!entries->passed_over.empty()) message += " but " + Enumerated(entries->passed_over);
    return core::NotFound(message);
  }
  if (!entries->passed_over.empty()) {
    list.notes.push_back(path + ": passed over " + Enumerated(std::move(entries->passed_over)));
  }
  for (const fs::path& file : entries->files) {
    auto input = OneInput(file, kind, true);
    if (!input) return input.error();
    list.inputs.push_back(std::move(*input));
  }
  return list;
}

core::Result<InputList> CheckInputs(const InputList& list, const TableFormat& format) {
  InputList checked;
  checked.notes = list.notes;
  std::vector<std::string> empty;
  std::vector<bool> is_used(format.renames.size(), false);
  for (const InputPath& input : list.inputs) {
    if (IsStream(input.path)) {
      is_used.assign(is_used.size(), true);
      checked.inputs.push_back(input);
      continue;
    }
    auto reader = EntryReader::Open(input, format);
    if (!reader) return reader.error();
    if (*reader == nullptr) {
      if (!input.is_from_folder) return core::InvalidArgument(input.path + ": the file is empty");
      empty.push_back(input.path);
      continue;
    }
    for (std::size_t i = 0; i < is_used.size(); ++i) {
      is_used[i] = is_used[i] || (*reader)->has_column(format.renames[i].first);
    }
    if (const std::string said = (*reader)->said(); !said.empty()) AddNote(said, &checked.notes);
    checked.inputs.push_back(input);
  }
  FRESHET_RETURN_IF_ERROR(CheckRenames(format, is_used));
  if (!empty.empty()) checked.notes.push_back("passed over empty files: " + Enumerated(empty));
  if (checked.inputs.empty()) return core::InvalidArgument("all files are empty");
  return checked;
}

}  // namespace freshet::tools
