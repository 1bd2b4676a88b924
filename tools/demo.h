// Demo: shows in a terminal what Freshet is for, on whatever a running daemon has learned: an event
// goes in, and the very next answer knows it, for its own user and for everybody else.
//
// It adds a visitor and an item to the daemon and deletes both at its end. One thread.
#pragma once

#include <ostream>
#include <string>

#include "core/result.h"

namespace freshet::tools {

// Errors: kUnavailable when the daemon is away, kInvalidArgument when it has learned nothing yet.
core::Status ShowDemo(const std::string& url, std::ostream* out);

}  // namespace freshet::tools
