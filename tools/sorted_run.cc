#include "tools/sorted_run.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace freshet::tools {
namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;

struct RecordHead {
  std::int64_t time_ms = 0;
  std::uint64_t bytes = 0;
};

std::string TemporaryPlace() {
  const char* named = std::getenv("TMPDIR");
  if (named != nullptr && *named != '\0') return named;
  return ::access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp";
}

core::Error Failed(const std::string& folder, int code) {
  return core::IoError("events that are being sorted, in " + folder +
                       " (TMPDIR names another): " + std::generic_category().message(code));
}

}  // namespace

core::Result<std::unique_ptr<SortedRun>> SortedRun::Create() {
  std::string folder = TemporaryPlace();
  std::string path = folder + "/freshet-sort-XXXXXX";
  const int descriptor = ::mkstemp(path.data());
  if (descriptor < 0) return Failed(folder, errno);
  ::unlink(path.c_str());
  std::FILE* file = ::fdopen(descriptor, "w+b");
  if (file == nullptr) {
    const int code = errno;
    ::close(descriptor);
    return Failed(folder, code);
  }
  std::setvbuf(file, nullptr, _IOFBF, kBufferBytes);
  return std::unique_ptr<SortedRun>(new SortedRun(std::move(folder), file));
}

core::Error SortedRun::IoErrorNow() const { return Failed(folder_, errno); }

core::Status SortedRun::Write(std::int64_t time_ms, std::string_view record) {
  const RecordHead head{time_ms, record.size()};
  if (std::fwrite(&head, sizeof head, 1, file_.get()) != 1 ||
      std::fwrite(record.data(), 1, record.size(), file_.get()) != record.size()) {
    return IoErrorNow();
  }
  return {};
}

core::Status SortedRun::Rewind() {
  if (std::fflush(file_.get()) != 0 || std::fseek(file_.get(), 0, SEEK_SET) != 0) {
    return IoErrorNow();
  }
  return {};
}

core::Result<bool> SortedRun::Next() {
  RecordHead head;
  if (std::fread(&head, sizeof head, 1, file_.get()) != 1) {
    if (std::ferror(file_.get()) != 0) return IoErrorNow();
    return false;
  }
  record_.resize(head.bytes);
  if (std::fread(record_.data(), 1, head.bytes, file_.get()) != head.bytes) return IoErrorNow();
  time_ms_ = head.time_ms;
  return true;
}

}  // namespace freshet::tools
