// InputFile: the bytes of a file or a pipe, unpacked on the way when they are gzip.
//
// Gzip is told by its first bytes, not by the file's name. All members of a gzip file are read.
// Owned by its reader; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace freshet::tools {

// Stands for standard input in place of a path.
inline constexpr std::string_view kStandardInput = "-";

// True for standard input and pipes: what can be read once only.
bool IsStream(const std::string& path);

class InputFile {
 public:
  // kNotFound when there is no such file, kInvalidArgument for a folder, kIo otherwise.
  static core::Result<std::unique_ptr<InputFile>> Open(const std::string& path);

  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // Fills `buffer` with up to `size` bytes and returns how many; 0 at the end. kCorruption when the
  // gzip data is damaged, cut short or followed by something else, kIo when the disk fails; all
  // name the file.
  core::Result<std::size_t> Read(char* buffer, std::size_t size);

  // The first bytes (at most 64 KiB) that Read will return or has returned. REQUIRES: nothing was
  // read before the first call. Valid as long as the file.
  core::Result<std::string_view> Beginning();

  [[nodiscard]] const std::string& path() const { return path_; }
  // Bytes of the file as it is on disk: in all (0 for a pipe), and taken so far. What progress is
  // measured by.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::uint64_t consumed() const;

 private:
  class Bytes;
  class Unpacker;
  InputFile(std::string path, std::uint64_t size, int descriptor, bool is_ours);

  core::Result<std::size_t> ReadOn(char* buffer, std::size_t size);

  std::string path_;
  std::uint64_t size_;
  std::unique_ptr<Bytes> bytes_;
  std::unique_ptr<Unpacker> unpacker_;  // null until the first bytes are there, and for plain text
  bool is_plain_ = false;
  std::string beginning_;
  std::size_t beginning_read_ = 0;
  bool has_beginning_ = false;
};

}  // namespace freshet::tools
