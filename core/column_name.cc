#include "core/column_name.h"

#include <algorithm>

#include "core/ascii.h"

namespace freshet::core {

std::string ToSchemaName(std::string_view name) {
  if (std::none_of(name.begin(), name.end(), IsLower)) return std::string(name);
  std::string schema;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool word_starts =
        i > 0 && IsUpper(name[i]) && name[i - 1] != '_' && !IsUpper(name[i - 1]);
    if (word_starts) schema.push_back('_');
    schema.push_back(ToUpper(name[i]));
  }
  return schema;
}

std::string ToJsonName(std::string_view schema_name) {
  std::string json;
  bool word_starts = false;
  for (const char c : schema_name) {
    if (c == '_') {
      word_starts = !json.empty();
      continue;
    }
    json.push_back(word_starts ? ToUpper(c) : ToLower(c));
    word_starts = false;
  }
  return json;
}

}  // namespace freshet::core
