#include "storage/id_list.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include <fcntl.h>

#include "core/validate.h"
#include "storage/file.h"

namespace freshet::storage {
namespace {

core::Error Damaged(const std::string& path, std::size_t line, const std::string& what) {
  return core::Corruption(path + ", line " + std::to_string(line) + ": " + what);
}

std::optional<std::string> Unescape(std::string_view line) {
  std::string id;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\\') {
      id += line[i];
      continue;
    }
    if (++i == line.size()) return std::nullopt;
    constexpr std::string_view kEscapes = "\\nr";
    constexpr std::string_view kMeanings = "\\\n\r";
    const std::size_t which = kEscapes.find(line[i]);
    if (which == std::string_view::npos) return std::nullopt;
    id += kMeanings[which];
  }
  return id;
}

core::Status CheckDistinct(const std::string& path, const std::vector<std::string>& ids) {
  std::unordered_map<std::string_view, std::size_t> lines;
  lines.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto [first, added] = lines.emplace(ids[i], i + 1);
    if (!added) {
      return Damaged(
          path, i + 1,
          "the id \"" + ids[i] + "\" stands in line " + std::to_string(first->second) + " already");
    }
  }
  return {};
}

}  // namespace

core::Result<std::vector<std::string>> ReadIdList(const std::string& path) {
  const auto file = OpenFile(path, O_RDONLY);
  if (!file) return file.error();
  const auto size = FileSize(*file, path);
  if (!size) return size.error();
  std::string text(*size, '\0');
  const auto read = ReadBytes(*file, path, text.data(), text.size());
  if (!read) return read.error();
  if (*read != text.size() || (!text.empty() && text.back() != '\n')) {
    return core::Corruption(path + " was cut short: its last line has no end");
  }
  std::vector<std::string> ids;
  ids.reserve(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')));
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    auto id = Unescape(rest.substr(0, end));
    rest.remove_prefix(end + 1);
    if (!id) {
      return Damaged(path, ids.size() + 1, "a backslash must be written \\\\, a line feed \\n");
    }
    if (const auto valid = core::ValidateId("the id", *id); !valid) {
      return Damaged(path, ids.size() + 1, valid.error().message);
    }
    ids.push_back(std::move(*id));
  }
  FRESHET_RETURN_IF_ERROR(CheckDistinct(path, ids));
  return ids;
}

core::Status WriteIdList(const std::string& path, const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) {
    for (const char character : id) {
      switch (character) {
        case '\\':
          text += "\\\\";
          break;
        case '\n':
          text += "\\n";
          break;
        case '\r':
          text += "\\r";
          break;
        default:
          text += character;
      }
    }
    text += '\n';
  }
  const auto file = OpenFile(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file) return file.error();
  FRESHET_RETURN_IF_ERROR(WriteBytes(*file, path, text));
  return Sync(*file, path);
}

}  // namespace freshet::storage
