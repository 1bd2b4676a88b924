#include "tools/json_answer.h"

namespace freshet::tools {

namespace json = boost::json;

json::value ParseJson(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error);
  return error ? json::value() : value;
}

const json::value* FindIn(const json::value& value, JsonPath path) {
  const json::value* at = &value;
  for (const std::string_view name : path) {
    const auto* object = at->if_object();
    at = object == nullptr ? nullptr : object->if_contains({name.data(), name.size()});
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::uint64_t NumberIn(const json::value& value, JsonPath path) {
  const json::value* found = FindIn(value, path);
  if (found == nullptr || !found->is_number()) return 0;
  boost::system::error_code error;
  const auto number = found->to_number<std::uint64_t>(error);
  return error ? 0 : number;
}

std::string TextIn(const json::value& value, JsonPath path) {
  const json::value* found = FindIn(value, path);
  if (found == nullptr || !found->is_string()) return {};
  const auto& text = found->get_string();
  return {text.data(), text.size()};
}

}  // namespace freshet::tools
