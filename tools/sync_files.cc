#include "tools/sync_files.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace freshet::tools {
namespace {

namespace fs = std::filesystem;

core::Status SyncOne(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  // A file that is no longer there was not needed any more.
  if (file < 0 && errno == ENOENT) return {};
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const int code = errno;
  if (file >= 0) ::close(file);
  if (synced) return {};
  return core::IoError(path.string() + ": " + std::generic_category().message(code));
}

}  // namespace

core::Status SyncFiles(const std::string& folder) {
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    FRESHET_RETURN_IF_ERROR(SyncOne(entry->path()));
  }
  if (error) return core::IoError(folder + ": " + error.message());
  return SyncOne(folder);
}

}  // namespace freshet::tools
