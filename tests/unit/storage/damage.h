// Damaging files on purpose.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace freshet::storage {

inline std::string ReadWholeFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void WriteWholeFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// The first file of `folder` whose name ends with `ending` and that holds `text`; empty if none.
inline std::string FileHolding(const std::string& folder, const std::string& ending,
                               const std::string& text) {
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string name = file.path().string();
    if (name.ends_with(ending) && ReadWholeFile(name).find(text) != std::string::npos) return name;
  }
  return {};
}

// Changes the byte at which `text` first stands in the file.
inline void FlipByteAt(const std::string& path, const std::string& text) {
  std::string bytes = ReadWholeFile(path);
  const std::size_t at = bytes.find(text);
  ASSERT_NE(at, std::string::npos) << path;
  bytes[at] = static_cast<char>(bytes[at] ^ 0x40);
  WriteWholeFile(path, bytes);
}

inline void CutFile(const std::string& path) {
  ASSERT_FALSE(path.empty());
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
}

}  // namespace freshet::storage
