// Log positions as headers spell them: "0:1234" or "0:1234,3:77", partition and next offset.
#pragma once

#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/result.h"

namespace freshet::daemon::api {

std::string FormatPositions(const core::Positions& positions);
core::Result<core::Positions> ParsePositions(std::string_view text);

}  // namespace freshet::daemon::api
