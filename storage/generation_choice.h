// Which of the generations in a folder is to be served: the one that the file `current` names, else
// the newest.
//
//   FOLDER/NAME/manifest.json ...   a generation (storage/generation_folder.h)
//   FOLDER/current                  the name of the one to serve, and on a second line that of the
//                                   one before it; absent until somebody promotes
//
// Functions block on the disk; any thread, any process.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "storage/generation_manifest.h"

namespace freshet::storage {

struct ListedGeneration {
  std::string name;
  core::Result<ManifestFile> file;  // what the manifest says, or why it cannot be read
  // Changes whenever a file of the folder does.
  std::string fingerprint;
};

// Every sub-folder that has a manifest, by name; none when there is no folder. Those that are still
// being written (NAME.new), or trained (NAME.training), are passed over.
core::Result<std::vector<ListedGeneration>> ListGenerations(const std::string& folder);

// The newest by created_ms, in equality by name, of those that `may_be`; null when there is none.
template <typename MayBe>
const ListedGeneration* NewestOf(const std::vector<ListedGeneration>& all, MayBe&& may_be) {
  const ListedGeneration* newest = nullptr;
  for (const ListedGeneration& one : all) {
    if (!one.file || !may_be(one)) continue;
    if (newest == nullptr || one.file->manifest.created_ms >= newest->file->manifest.created_ms) {
      newest = &one;
    }
  }
  return newest;
}

struct CurrentGeneration {
  std::string name;
  std::string former;  // empty when there was none
};

// Why a daemon does not serve it without being told to, in words: it cannot be read, it cannot
// answer (core::ServedFactors::Check), or it was compared with another and lost: "… 0.11 falls
// short of 0.21, that of monday". Empty when nothing speaks against it.
std::string WhyNotServed(const ListedGeneration& one);
bool MayBeServed(const ListedGeneration& one);
// The last of these reasons.
std::string WhyRefused(const core::GenerationComparison& comparison);

// What the file `current` says; nothing when there is none. kCorruption when it names none.
core::Result<std::optional<CurrentGeneration>> ReadCurrent(const std::string& folder);

// The same, or what a daemon does without it: the newest that may be served, and the next to it as
// the one before. Names are empty where there is none.
core::Result<CurrentGeneration> CurrentOrNewest(const std::string& folder,
                                                const std::vector<ListedGeneration>& all);

// The names of generations that a schedule makes begin so; only these are removed by it.
inline constexpr std::string_view kScheduledPrefix = "scheduled-";

// Those of a schedule's generations that are to be removed: all but the newest `keep`, and but
// those that are in `needed`.
std::vector<std::string> OutlivedGenerations(const std::vector<ListedGeneration>& all,
                                             std::size_t keep,
                                             const std::vector<std::string>& needed);

// Removes the generation and all that an unfinished training of it has left. What is half removed
// is no longer listed.
core::Status RemoveGeneration(const std::string& folder, const std::string& name);

// Durable, whole or not at all.
core::Status WriteCurrent(const std::string& folder, const CurrentGeneration& current);

// A plain name of a folder: no path, no control characters.
core::Status CheckGenerationName(std::string_view name);

}  // namespace freshet::storage
