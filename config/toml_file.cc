#include "config/toml_file.h"

#include <algorithm>
#include <optional>

#include <toml++/toml.h>

namespace freshet::config {
namespace {

std::uint32_t LineOf(const toml::node& node) { return node.source().begin.line; }

std::optional<TextList> AsTextList(const toml::array& array) {
  TextList list;
  for (const toml::node& element : array) {
    const auto* text = element.as_string();
    if (text == nullptr) return std::nullopt;
    list.push_back(text->get());
  }
  return list;
}

Value AsValue(const toml::node& node) {
  if (const auto* flag = node.as_boolean()) return flag->get();
  if (const auto* whole = node.as_integer()) return whole->get();
  if (const auto* decimal = node.as_floating_point()) return decimal->get();
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* array = node.as_array()) {
    if (auto list = AsTextList(*array)) return *std::move(list);
    return Unsuited{"a list of other things than texts"};
  }
  return Unsuited{node.is_table() ? "a section" : "a date or time"};
}

FileTable Flatten(std::string name, const toml::table& table) {
  FileTable out{std::move(name), LineOf(table), {}};
  for (const auto& [key, node] : table) {
    out.keys.push_back({std::string(key.str()), key.source().begin.line, AsValue(node)});
  }
  return out;
}

bool IsArrayOfTables(const toml::node& node) {
  const auto* array = node.as_array();
  return array != nullptr && !array->empty() &&
         std::all_of(array->begin(), array->end(),
                     [](const auto& each) { return each.is_table(); });
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the file's sections, which the parser bounds
void Walk(const toml::table& table, const std::string& prefix, TomlFile* out) {
  for (const auto& [key, node] : table) {
    std::string name = prefix + std::string(key.str());
    if (const auto* section = node.as_table()) {
      out->sections.push_back({name, key.source().begin.line});
      Walk(*section, name + ".", out);
    } else if (IsArrayOfTables(node)) {
      for (const toml::node& each : *node.as_array()) {
        out->tables.push_back(Flatten(name, *each.as_table()));
      }
    } else {
      out->keys.push_back({std::move(name), key.source().begin.line, AsValue(node)});
    }
  }
}

template <typename Part>
void SortByLine(std::vector<Part>* parts) {
  std::stable_sort(parts->begin(), parts->end(),
                   [](const Part& left, const Part& right) { return left.line < right.line; });
}

}  // namespace

core::Result<TomlFile> ParseToml(std::string_view text, std::string_view source) {
  TomlFile file;
  try {
    Walk(toml::parse(text), "", &file);
  } catch (const toml::parse_error& error) {
    return core::InvalidArgument(std::string(source) + ":" +
                                 std::to_string(error.source().begin.line) + ": " +
                                 std::string(error.description()));
  }
  SortByLine(&file.sections);
  SortByLine(&file.keys);
  SortByLine(&file.tables);
  for (FileTable& table : file.tables) SortByLine(&table.keys);
  return file;
}

}  // namespace freshet::config
