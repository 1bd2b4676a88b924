#include "storage/file.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace freshet::storage {

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

core::Error SystemError(const std::string& path, int error) {
  const core::ErrorCode code =
      error == ENOSPC || error == EDQUOT ? core::ErrorCode::kExhausted : core::ErrorCode::kIo;
  return {code, path + ": " + std::generic_category().message(error)};
}

core::Result<File> OpenFile(const std::string& path, int flags) {
  File file(::open(path.c_str(), flags | O_CLOEXEC, 0640));
  if (file.get() < 0) return SystemError(path, errno);
  return file;
}

core::Result<std::uint64_t> FileSize(const File& file, const std::string& path) {
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return SystemError(path, errno);
  return static_cast<std::uint64_t>(facts.st_size);
}

core::Result<std::size_t> ReadBytes(const File& file, const std::string& path, char* bytes,
                                    std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = ::read(file.get(), bytes + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError(path, errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

core::Result<std::string> ReadFile(const std::string& path, std::size_t maximum) {
  const auto file = OpenFile(path, O_RDONLY);
  if (!file) return file.error();
  std::string text(maximum, '\0');
  const auto size = ReadBytes(*file, path, text.data(), text.size());
  if (!size) return size.error();
  text.resize(*size);
  return text;
}

core::Status WriteBytes(const File& file, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError(path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

core::Status Sync(const File& file, const std::string& path) {
  return ::fsync(file.get()) == 0 ? core::Status() : core::Status(SystemError(path, errno));
}

core::Status WriteFileAside(const std::string& folder, std::string_view name,
                            std::string_view text) {
  const std::string path = folder + "/" + std::string(name);
  const std::string aside = path + ".new";
  {
    const auto file = OpenFile(aside, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file) return file.error();
    FRESHET_RETURN_IF_ERROR(WriteBytes(*file, aside, text));
    FRESHET_RETURN_IF_ERROR(Sync(*file, aside));
  }
  if (::rename(aside.c_str(), path.c_str()) != 0) return SystemError(path, errno);
  return SyncFolder(folder);
}

core::Status MakeFolder(const std::string& path) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) return {};
  std::filesystem::create_directories(path, error);
  if (error) return SystemError(path, error.value());
  if (::chmod(path.c_str(), 0750) != 0) return SystemError(path, errno);
  return {};
}

core::Result<std::string> MoveAside(const std::string& path) {
  for (int number = 1;; ++number) {
    const std::string aside = path + ".damaged-" + std::to_string(number);
    std::error_code error;
    if (std::filesystem::exists(aside, error)) continue;
    if (::rename(path.c_str(), aside.c_str()) != 0) return SystemError(path, errno);
    return aside;
  }
}

core::Status SyncFolder(const std::string& path) {
  const auto folder = OpenFile(path, O_RDONLY | O_DIRECTORY);
  if (!folder) return folder.error();
  return Sync(*folder, path);
}

}  // namespace freshet::storage
