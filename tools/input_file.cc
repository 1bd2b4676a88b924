#include "tools/input_file.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/stat.h>
#include <zlib.h>

namespace freshet::tools {
namespace {

constexpr unsigned kUnpackBufferBytes = 256 * 1024;
constexpr std::size_t kLargestRead = 1U << 30;

std::string ErrnoText(int code) { return std::generic_category().message(code); }

}  // namespace

struct InputFile::Stream {
  explicit Stream(gzFile opened) : file(opened) {}
  ~Stream() { gzclose(file); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  gzFile file;
};

core::Result<std::unique_ptr<InputFile>> InputFile::Open(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) {
    const std::string message = path + ": " + ErrnoText(errno);
    return errno == ENOENT ? core::NotFound(message) : core::IoError(message);
  }
  if (S_ISDIR(about.st_mode)) return core::InvalidArgument(path + ": is a folder, not a file");
  // zlib hands through what is not gzip, so one way of reading serves both.
  gzFile opened = gzopen(path.c_str(), "rb");
  if (opened == nullptr) return core::IoError(path + ": " + ErrnoText(errno));
  gzbuffer(opened, kUnpackBufferBytes);
  return std::unique_ptr<InputFile>(new InputFile(path, static_cast<std::uint64_t>(about.st_size),
                                                  std::make_unique<Stream>(opened)));
}

InputFile::InputFile(std::string path, std::uint64_t size, std::unique_ptr<Stream> stream)
    : path_(std::move(path)), size_(size), stream_(std::move(stream)) {}

InputFile::~InputFile() = default;

core::Result<std::size_t> InputFile::Read(char* buffer, std::size_t size) {
  const int count =
      gzread(stream_->file, buffer, static_cast<unsigned>(std::min(size, kLargestRead)));
  if (count > 0) return static_cast<std::size_t>(count);
  // A file that is cut short ends with a count of zero and this error.
  int code = Z_OK;
  const std::string text = gzerror(stream_->file, &code);
  if (count == 0 && code == Z_OK) return std::size_t{0};
  if (code == Z_ERRNO) return core::IoError(path_ + ": " + ErrnoText(errno));
  if (code == Z_BUF_ERROR) return core::Corruption(path_ + ": the gzip data is cut short");
  return core::Corruption(path_ + ": the gzip data is damaged (" + text + ")");
}

std::uint64_t InputFile::consumed() const {
  const auto offset = gzoffset(stream_->file);
  return offset < 0 ? 0 : static_cast<std::uint64_t>(offset);
}

}  // namespace freshet::tools
