#include "tools/input_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

namespace freshet::tools {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;
constexpr std::size_t kBeginningBytes = 64 * 1024;
constexpr std::size_t kLargestRead = 1U << 30;
constexpr std::string_view kGzipMagic = "\x1f\x8b";
// zlib's windowBits for gzip headers and trailers.
constexpr int kGzipWindow = 15 + 16;

std::string ErrnoText(int code) { return std::generic_category().message(code); }

}  // namespace

// The bytes as they are on disk, with a look at the next ones.
class InputFile::Bytes {
 public:
  Bytes(std::string path, int descriptor, bool is_ours)
      : path_(std::move(path)), descriptor_(descriptor), is_ours_(is_ours), buffer_(kBufferBytes) {}
  ~Bytes() {
    if (is_ours_) ::close(descriptor_);
  }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  // Makes at least `count` bytes ready where the file has them.
  core::Status Need(std::size_t count) {
    if (Ready().size() >= count || at_end_) return {};
    std::memmove(buffer_.data(), buffer_.data() + start_, end_ - start_);
    end_ -= start_;
    start_ = 0;
    while (end_ < count && !at_end_) {
      const ssize_t got = ::read(descriptor_, buffer_.data() + end_, buffer_.size() - end_);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return core::IoError(path_ + ": " + ErrnoText(errno));
      at_end_ = got == 0;
      end_ += static_cast<std::size_t>(got);
      total_ += static_cast<std::uint64_t>(got);
    }
    return {};
  }
  [[nodiscard]] std::string_view Ready() const { return {buffer_.data() + start_, end_ - start_}; }
  void Drop(std::size_t count) { start_ += count; }
  // Where the first ready byte stands.
  [[nodiscard]] std::uint64_t position() const { return total_ - (end_ - start_); }

 private:
  const std::string path_;
  const int descriptor_;
  const bool is_ours_;
  std::vector<char> buffer_;
  std::size_t start_ = 0;
  std::size_t end_ = 0;
  std::uint64_t total_ = 0;
  bool at_end_ = false;
};

// Unpacks one gzip member after the other.
class InputFile::Unpacker {
 public:
  Unpacker(const std::string& path, Bytes* bytes) : path_(path), bytes_(bytes) {
    is_ready_ = inflateInit2(&zlib_, kGzipWindow) == Z_OK;
  }
  ~Unpacker() { inflateEnd(&zlib_); }
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  core::Result<std::size_t> Read(char* buffer, std::size_t size) {
    if (!is_ready_) return core::IoError(path_ + ": zlib has no memory");
    while (!at_end_) {
      if (!in_member_) {
        FRESHET_RETURN_IF_ERROR(FindMember());
        continue;
      }
      auto count = Inflate(buffer, size);
      if (!count || *count > 0) return count;
    }
    return std::size_t{0};
  }

 private:
  core::Result<std::size_t> Inflate(char* buffer, std::size_t size) {
    FRESHET_RETURN_IF_ERROR(bytes_->Need(1));
    const std::string_view ready = bytes_->Ready();
    if (ready.empty()) return core::Corruption(path_ + ": the gzip data is cut short");
    // zlib does not write through next_in.
    zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(ready.data()));
    zlib_.avail_in = static_cast<uInt>(ready.size());
    zlib_.next_out = reinterpret_cast<Bytef*>(buffer);
    zlib_.avail_out = static_cast<uInt>(size);
    const int code = inflate(&zlib_, Z_NO_FLUSH);
    bytes_->Drop(ready.size() - zlib_.avail_in);
    if (code == Z_STREAM_END) {
      in_member_ = false;
      ++members_;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      const std::string reason = zlib_.msg != nullptr ? zlib_.msg : "zlib " + std::to_string(code);
      return core::Corruption(path_ + ": the gzip data is damaged before byte " +
                              std::to_string(bytes_->position()) + " (" + reason + ")");
    }
    return size - zlib_.avail_out;
  }

  // Finds the next member behind one that ended. Tapes and disk images pad with zeros.
  core::Status FindMember() {
    while (true) {
      FRESHET_RETURN_IF_ERROR(bytes_->Need(kGzipMagic.size()));
      const std::string_view ready = bytes_->Ready();
      const std::size_t zeros = std::min(ready.find_first_not_of('\0'), ready.size());
      bytes_->Drop(zeros);
      if (zeros == 0) break;
    }
    const std::string_view ready = bytes_->Ready();
    at_end_ = ready.empty();
    if (at_end_) return {};
    if (!ready.starts_with(kGzipMagic)) {
      return core::Corruption(path_ + ": at byte " + std::to_string(bytes_->position()) +
                              ", behind " + std::to_string(members_) +
                              " whole gzip member(s), the data is not gzip: the file is damaged, "
                              "or something else was appended to it");
    }
    inflateReset(&zlib_);
    in_member_ = true;
    return {};
  }

  const std::string& path_;
  Bytes* const bytes_;
  z_stream zlib_{};
  bool is_ready_ = false;
  bool in_member_ = true;
  bool at_end_ = false;
  std::uint64_t members_ = 0;
};

bool IsStream(const std::string& path) {
  if (path == kStandardInput) return true;
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode);
}

core::Result<std::unique_ptr<InputFile>> InputFile::Open(const std::string& path) {
  if (path == kStandardInput) {
    return std::unique_ptr<InputFile>(new InputFile("standard input", 0, STDIN_FILENO, false));
  }
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    const std::string message = path + ": " + ErrnoText(errno);
    return errno == ENOENT ? core::NotFound(message) : core::IoError(message);
  }
  struct stat about {};
  const bool is_known = ::fstat(descriptor, &about) == 0;
  const std::uint64_t size =
      is_known && S_ISREG(about.st_mode) ? static_cast<std::uint64_t>(about.st_size) : 0;
  std::unique_ptr<InputFile> file(new InputFile(path, size, descriptor, true));
  if (is_known && S_ISDIR(about.st_mode)) {
    return core::InvalidArgument(path + ": is a folder, not a file");
  }
  return file;
}

InputFile::InputFile(std::string path, std::uint64_t size, int descriptor, bool is_ours)
    : path_(std::move(path)),
      size_(size),
      bytes_(std::make_unique<Bytes>(path_, descriptor, is_ours)) {}

InputFile::~InputFile() = default;

core::Result<std::string_view> InputFile::Beginning() {
  if (!std::exchange(has_beginning_, true)) {
    beginning_.resize(kBeginningBytes);
    std::size_t size = 0;
    while (size < beginning_.size()) {
      auto count = ReadOn(beginning_.data() + size, beginning_.size() - size);
      if (!count) return count.error();
      if (*count == 0) break;
      size += *count;
    }
    beginning_.resize(size);
  }
  return std::string_view(beginning_);
}

core::Result<std::size_t> InputFile::Read(char* buffer, std::size_t size) {
  if (beginning_read_ == beginning_.size()) return ReadOn(buffer, size);
  const std::size_t count = std::min(size, beginning_.size() - beginning_read_);
  std::memcpy(buffer, beginning_.data() + beginning_read_, count);
  beginning_read_ += count;
  return count;
}

core::Result<std::size_t> InputFile::ReadOn(char* buffer, std::size_t size) {
  size = std::min(size, kLargestRead);
  if (unpacker_ == nullptr && !is_plain_) {
    FRESHET_RETURN_IF_ERROR(bytes_->Need(kGzipMagic.size()));
    is_plain_ = !bytes_->Ready().starts_with(kGzipMagic);
    if (!is_plain_) unpacker_ = std::make_unique<Unpacker>(path_, bytes_.get());
  }
  if (unpacker_ != nullptr) return unpacker_->Read(buffer, size);
  FRESHET_RETURN_IF_ERROR(bytes_->Need(1));
  const std::string_view ready = bytes_->Ready();
  const std::size_t count = std::min(size, ready.size());
  std::memcpy(buffer, ready.data(), count);
  bytes_->Drop(count);
  return count;
}

std::uint64_t InputFile::consumed() const { return bytes_->position(); }

}  // namespace freshet::tools
