// ParseToml: a TOML text as flat lists of keys with their lines. The one place that knows toml++.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/value.h"
#include "core/result.h"

namespace freshet::config {

struct FileKey {
  std::string
      name;  // dotted and whole: "server.threads"; within an array's table its own: "recipe"
  std::uint32_t line = 0;
  Value value;
};

struct FileSection {
  std::string name;
  std::uint32_t line = 0;
};

// One [[name]] table.
struct FileTable {
  std::string name;
  std::uint32_t line = 0;
  std::vector<FileKey> keys;
};

// All lists in the order of their lines.
struct TomlFile {
  std::vector<FileSection> sections;  // every table that is not in an array, empty ones too
  std::vector<FileKey> keys;
  std::vector<FileTable> tables;
};

// kInvalidArgument with "`source`:LINE: what is wrong" when the text is not TOML.
core::Result<TomlFile> ParseToml(std::string_view text, std::string_view source);

}  // namespace freshet::config
