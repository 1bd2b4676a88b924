// The description of the HTTP API: docs/openapi.json as it was when this was built.
#pragma once

#include <string_view>

namespace freshet::daemon {

extern const std::string_view kOpenApi;

}  // namespace freshet::daemon
