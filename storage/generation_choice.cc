#include "storage/generation_choice.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>

#include "core/factors/served_factors.h"
#include "storage/file.h"
#include "storage/generation_folder.h"

namespace freshet::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaximumNameBytes = 255;

std::string CurrentPath(const std::string& folder) { return folder + "/current"; }

std::string FingerprintOf(const fs::path& folder) {
  std::vector<std::string> facts;
  std::error_code ignored;
  for (fs::directory_iterator it(folder, ignored), end; it != end; it.increment(ignored)) {
    const auto written = fs::last_write_time(it->path(), ignored).time_since_epoch().count();
    std::string fact = it->path().filename().string();
    fact += ' ' + std::to_string(written) + ' ' + std::to_string(fs::file_size(*it, ignored));
    facts.push_back(std::move(fact));
  }
  std::sort(facts.begin(), facts.end());
  std::string all;
  for (const std::string& fact : facts) {
    all += fact;
    all += '\n';
  }
  return all;
}

}  // namespace

core::Result<std::vector<ListedGeneration>> ListGenerations(const std::string& folder) {
  std::vector<ListedGeneration> all;
  std::error_code error;
  if (!fs::exists(folder, error)) return all;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    std::error_code ignored;
    if (name.ends_with(".new") || name.ends_with(".training")) continue;
    if (!fs::exists(it->path() / "manifest.json", ignored)) continue;
    // Before it is read: what changes meanwhile is then looked at again.
    std::string fingerprint = FingerprintOf(it->path());
    all.push_back(
        {std::move(name), ReadGenerationManifest(it->path().string()), std::move(fingerprint)});
  }
  if (error) return SystemError(folder, error.value());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

core::Result<std::optional<CurrentGeneration>> ReadCurrent(const std::string& folder) {
  const std::string path = CurrentPath(folder);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::optional<CurrentGeneration>();
  const auto text = ReadFile(path, 2 * (kMaximumNameBytes + 1));
  if (!text) return text.error();
  CurrentGeneration current;
  const std::size_t end = text->find('\n');
  current.name = text->substr(0, end);
  if (end != std::string::npos) {
    current.former = text->substr(end + 1, text->find('\n', end + 1) - end - 1);
  }
  const core::Status name = CheckGenerationName(current.name);
  if (!name.ok()) return core::Corruption(path + ": " + name.error().message);
  return std::optional(std::move(current));
}

std::string WhyNotServed(const ListedGeneration& one) {
  if (!one.file) return one.file.error().message;
  const core::GenerationManifest& manifest = one.file->manifest;
  const core::Status usable = core::ServedFactors::Check(manifest);
  if (!usable.ok()) return usable.error().message;
  const bool holds = !manifest.comparison || manifest.comparison->Holds();
  return holds ? std::string() : WhyRefused(*manifest.comparison);
}

bool MayBeServed(const ListedGeneration& one) { return WhyNotServed(one).empty(); }

std::string WhyRefused(const core::GenerationComparison& comparison) {
  std::array<char, 64> numbers{};
  std::snprintf(numbers.data(), numbers.size(), " %.4f falls short of %.4f, that of ",
                comparison.value, comparison.other_value);
  return comparison.metric + numbers.data() + comparison.against;
}

core::Result<CurrentGeneration> CurrentOrNewest(const std::string& folder,
                                                const std::vector<ListedGeneration>& all) {
  auto read = ReadCurrent(folder);
  if (!read) return read.error();
  if (*read) return **std::move(read);
  CurrentGeneration current;
  for (std::string* name : {&current.name, &current.former}) {
    const ListedGeneration* newest = NewestOf(all, [&](const ListedGeneration& one) {
      return one.name != current.name && MayBeServed(one);
    });
    if (newest != nullptr) *name = newest->name;
  }
  return current;
}

std::vector<std::string> OutlivedGenerations(const std::vector<ListedGeneration>& all,
                                             std::size_t keep,
                                             const std::vector<std::string>& needed) {
  std::vector<std::pair<std::int64_t, std::string>> made;
  for (const ListedGeneration& one : all) {
    if (!one.name.starts_with(kScheduledPrefix)) continue;
    made.emplace_back(one.file ? one.file->manifest.created_ms : 0, one.name);
  }
  std::sort(made.rbegin(), made.rend());
  std::vector<std::string> outlived;
  for (std::size_t i = keep; i < made.size(); ++i) {
    if (std::find(needed.begin(), needed.end(), made[i].second) == needed.end()) {
      outlived.push_back(made[i].second);
    }
  }
  return outlived;
}

core::Status RemoveGeneration(const std::string& folder, const std::string& name) {
  const fs::path path = fs::path(folder) / name;
  const fs::path aside = path.string() + ".new";
  std::error_code error;
  fs::remove_all(aside, error);
  if (!error) fs::remove_all(path.string() + ".training", error);
  if (!error) fs::remove(path.string() + ".pairs", error);
  if (!error && fs::exists(path, error)) fs::rename(path, aside, error);
  if (!error) fs::remove_all(aside, error);
  if (error) return SystemError(path, error.value());
  return {};
}

core::Status WriteCurrent(const std::string& folder, const CurrentGeneration& current) {
  const std::string path = CurrentPath(folder);
  const std::string aside = path + ".new";
  {
    const auto file = OpenFile(aside, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file) return file.error();
    std::string text = current.name + '\n';
    if (!current.former.empty()) text += current.former + '\n';
    FRESHET_RETURN_IF_ERROR(WriteBytes(*file, aside, text));
    FRESHET_RETURN_IF_ERROR(Sync(*file, aside));
  }
  if (std::rename(aside.c_str(), path.c_str()) != 0) return SystemError(path, errno);
  return SyncFolder(folder);
}

core::Status CheckGenerationName(std::string_view name) {
  const bool is_plain = !name.empty() && name.size() <= kMaximumNameBytes && name != "." &&
                        name != ".." && std::none_of(name.begin(), name.end(), [](char c) {
                          return c == '/' || static_cast<unsigned char>(c) < ' ';
                        });
  if (is_plain) return {};
  return core::InvalidArgument("\"" + std::string(name) +
                               "\" is no name of a generation: it is that of a sub-folder");
}

}  // namespace freshet::storage
