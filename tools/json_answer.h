// Looking into the JSON that a daemon answers. What is absent or of another type reads as nothing.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "daemon/json_document.h"

namespace freshet::tools {

using JsonPath = std::initializer_list<std::string_view>;

// null when `text` is not JSON.
boost::json::value ParseJson(std::string_view text);

// The member at a path of names, or a null pointer.
const boost::json::value* FindIn(const boost::json::value& value, JsonPath path);

std::uint64_t NumberIn(const boost::json::value& value, JsonPath path);
std::string TextIn(const boost::json::value& value, JsonPath path);

}  // namespace freshet::tools
