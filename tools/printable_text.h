// Text of unknown origin on its way to a terminal.
#pragma once

#include <string>
#include <string_view>

namespace freshet::tools {

// `text` with "?" for each control character and each byte that is not UTF-8; line ends and tabs
// stay.
std::string PrintableText(std::string_view text);

// The same of a single name or value: without line ends and tabs, and cut to about 100 bytes.
std::string PrintableName(std::string_view text);

}  // namespace freshet::tools
