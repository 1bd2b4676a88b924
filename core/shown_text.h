// ShownText: what somebody sent, as a message may quote it.
#pragma once

#include <string>
#include <string_view>

namespace freshet::core {

// `text` in quotes, at most 60 bytes of it, cut between characters; control bytes become '?'.
std::string ShownText(std::string_view text);

}  // namespace freshet::core
