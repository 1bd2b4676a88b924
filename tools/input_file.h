// InputFile: the bytes of a file, unpacked on the way when it is gzip.
//
// Gzip is told by its first bytes, not by the file's name. Owned by whoever reads; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/result.h"

namespace freshet::tools {

class InputFile {
 public:
  // kNotFound when there is no such file, kInvalidArgument for a folder, kIo otherwise.
  static core::Result<std::unique_ptr<InputFile>> Open(const std::string& path);

  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // Fills `buffer` with up to `size` bytes and returns how many; 0 at the end. kCorruption when the
  // gzip data is damaged or cut short, kIo when the disk fails; both name the file.
  core::Result<std::size_t> Read(char* buffer, std::size_t size);

  [[nodiscard]] const std::string& path() const { return path_; }
  // Bytes of the file as it is on disk: in all, and taken so far. What progress is measured by.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::uint64_t consumed() const;

 private:
  struct Stream;
  InputFile(std::string path, std::uint64_t size, std::unique_ptr<Stream> stream);

  std::string path_;
  std::uint64_t size_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace freshet::tools
