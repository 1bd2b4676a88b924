// Files by descriptor: opened, read and written whole, and made durable. For what is not RocksDB's.
//
// Every error names the path; a full disk or quota is kExhausted, all else kIo.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/result.h"

namespace freshet::storage {

// A file descriptor, closed with its owner. Not copied, moved only.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  File& operator=(File&&) = delete;
  ~File();
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

// What the system's `error` (an errno) means for the file at `path`.
core::Error SystemError(const std::string& path, int error);

// `flags` are those of open(2).
core::Result<File> OpenFile(const std::string& path, int flags);
core::Result<std::uint64_t> FileSize(const File& file, const std::string& path);

// Reads the next `size` bytes, or fewer where the file ends; how many there were.
core::Result<std::size_t> ReadBytes(const File& file, const std::string& path, char* bytes,
                                    std::size_t size);
// The first `maximum` bytes of the file.
core::Result<std::string> ReadFile(const std::string& path, std::size_t maximum);

core::Status WriteBytes(const File& file, const std::string& path, std::string_view bytes);
core::Status Sync(const File& file, const std::string& path);
// Makes the file `name` of the folder hold `text`: written aside, synced and renamed, so that a
// crash never leaves half of it.
core::Status WriteFileAside(const std::string& folder, std::string_view name,
                            std::string_view text);
// Creates the folder and those above it, for the owner and his group only.
core::Status MakeFolder(const std::string& path);
// Renames it to its name with ".damaged-1", or the first such number that is free; the new name.
core::Result<std::string> MoveAside(const std::string& path);
// Makes the folder's list of names durable.
core::Status SyncFolder(const std::string& path);

}  // namespace freshet::storage
