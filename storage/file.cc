#include "storage/file.h"

#include <cerrno>
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
  File file(::open(path.c_str(), flags | O_CLOEXEC, 0644));
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

core::Status SyncFolder(const std::string& path) {
  const auto folder = OpenFile(path, O_RDONLY | O_DIRECTORY);
  if (!folder) return folder.error();
  return Sync(*folder, path);
}

}  // namespace freshet::storage
