// The project's version, from CMakeLists.txt.
#pragma once

#include <string_view>

namespace freshet::daemon {

inline constexpr std::string_view kVersion = FRESHET_VERSION;

}  // namespace freshet::daemon
