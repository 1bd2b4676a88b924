#include "storage/generation_folder.h"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>

#include "storage/file.h"
#include "storage/id_list.h"
#include "storage/npy.h"

namespace freshet::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kManifest = "manifest.json";
constexpr std::string_view kItemIds = "item_ids.txt";
constexpr std::string_view kItemFactors = "item_factors.npy";
constexpr std::string_view kUserIds = "user_ids.txt";
constexpr std::string_view kUserFactors = "user_factors.npy";
constexpr std::string_view kUserGramian = "user_gramian.npy";
constexpr std::size_t kMaximumManifestBytes = 1 << 20;

std::string PathOf(const std::string& folder, std::string_view name) {
  return folder + "/" + std::string(name);
}

core::Status CheckAgrees(const std::string& path, std::string_view what, std::size_t has,
                         std::size_t expected) {
  if (has == expected) return {};
  return core::Corruption(path + " has " + std::to_string(has) + " " + std::string(what) +
                          ", but manifest.json says " + std::to_string(expected));
}

// The ids and vectors of one side.
core::Status ReadSide(const std::string& folder, std::string_view ids_name,
                      std::string_view factors_name, std::size_t rows, std::size_t dimension,
                      std::vector<std::string>* ids, core::FactorMatrix* factors) {
  const std::string ids_path = PathOf(folder, ids_name);
  const std::string factors_path = PathOf(folder, factors_name);
  std::error_code ignored;
  for (const std::string& path : {ids_path, factors_path}) {
    if (!fs::exists(path, ignored)) return core::NotFound(path + " is missing");
  }
  auto read_ids = ReadIdList(ids_path);
  if (!read_ids) return read_ids.error();
  FRESHET_RETURN_IF_ERROR(CheckAgrees(ids_path, "ids", read_ids->size(), rows));
  auto matrix = ReadNpy(factors_path);
  if (!matrix) return matrix.error();
  FRESHET_RETURN_IF_ERROR(CheckAgrees(factors_path, "rows", matrix->rows(), rows));
  FRESHET_RETURN_IF_ERROR(CheckAgrees(factors_path, "columns", matrix->dimension(), dimension));
  *ids = std::move(*read_ids);
  *factors = std::move(*matrix);
  return {};
}

core::Status ReadUserGramian(const std::string& folder, std::size_t dimension,
                             core::FactorMatrix* gramian) {
  const std::string path = PathOf(folder, kUserGramian);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return {};
  auto matrix = ReadNpy(path);
  if (!matrix) return matrix.error();
  FRESHET_RETURN_IF_ERROR(CheckAgrees(path, "rows", matrix->rows(), dimension));
  FRESHET_RETURN_IF_ERROR(CheckAgrees(path, "columns", matrix->dimension(), dimension));
  *gramian = std::move(*matrix);
  return {};
}

core::Status WriteFiles(const core::Generation& generation, const std::string& folder) {
  FRESHET_RETURN_IF_ERROR(WriteIdList(PathOf(folder, kItemIds), generation.item_ids));
  FRESHET_RETURN_IF_ERROR(WriteNpy(PathOf(folder, kItemFactors), generation.items));
  if (generation.users.rows() > 0) {
    FRESHET_RETURN_IF_ERROR(WriteIdList(PathOf(folder, kUserIds), generation.user_ids));
    FRESHET_RETURN_IF_ERROR(WriteNpy(PathOf(folder, kUserFactors), generation.users));
  }
  if (generation.user_gramian.rows() > 0) {
    FRESHET_RETURN_IF_ERROR(WriteNpy(PathOf(folder, kUserGramian), generation.user_gramian));
  }
  const std::string path = PathOf(folder, kManifest);
  const auto file = OpenFile(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file) return file.error();
  FRESHET_RETURN_IF_ERROR(WriteBytes(*file, path, ManifestText(generation)));
  FRESHET_RETURN_IF_ERROR(Sync(*file, path));
  return SyncFolder(folder);
}

core::Status CreateAndFill(const core::Generation& generation, const std::string& aside,
                           const std::string& folder) {
  std::error_code error;
  fs::remove_all(aside, error);
  if (!error) fs::create_directories(aside, error);
  if (error) return SystemError(aside, error.value());
  FRESHET_RETURN_IF_ERROR(WriteFiles(generation, aside));
  if (::rename(aside.c_str(), folder.c_str()) != 0) return SystemError(folder, errno);
  return SyncFolder(fs::absolute(folder).parent_path());
}

}  // namespace

core::Result<core::Generation> ReadGeneration(const std::string& folder) {
  auto file = ReadGenerationManifest(folder);
  if (!file) return file.error();
  core::Generation generation;
  FRESHET_RETURN_IF_ERROR(ReadSide(folder, kItemIds, kItemFactors, file->items, file->dimension,
                                   &generation.item_ids, &generation.items));
  if (file->users) {
    FRESHET_RETURN_IF_ERROR(ReadSide(folder, kUserIds, kUserFactors, *file->users, file->dimension,
                                     &generation.user_ids, &generation.users));
  }
  FRESHET_RETURN_IF_ERROR(ReadUserGramian(folder, file->dimension, &generation.user_gramian));
  generation.manifest = std::move(file->manifest);
  return generation;
}

core::Result<ManifestFile> ReadGenerationManifest(const std::string& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    return core::NotFound(folder + ": there is no folder of a generation here");
  }
  const std::string path = PathOf(folder, kManifest);
  if (!fs::exists(path, ignored)) return core::NotFound(path + " is missing");
  const auto text = ReadFile(path, kMaximumManifestBytes);
  if (!text) return text.error();
  auto file = ParseManifest(*text);
  if (!file) return file.error().With(path);
  return file;
}

core::Status WriteGeneration(const core::Generation& generation, const std::string& folder) {
  std::string target = folder;
  while (target.size() > 1 && target.back() == '/') target.pop_back();
  std::error_code ignored;
  if (fs::exists(target, ignored)) {
    return core::InvalidArgument(target + " is there already; name a new folder");
  }
  const std::string aside = target + ".new";
  core::Status written = CreateAndFill(generation, aside, target);
  if (!written) fs::remove_all(aside, ignored);
  return written;
}

}  // namespace freshet::storage
