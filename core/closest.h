// ClosestName: the known name that a mistyped one was probably meant to be.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace freshet::core {

// The name at the smallest edit distance from `typed`, if that is small enough to be a slip (at
// most a third of the letters); otherwise empty. Ties go to the name that stands first.
std::string_view ClosestName(std::string_view typed, std::span<const std::string> names);

// "; did you mean NAME?", or empty when no name is close.
std::string DidYouMean(std::string_view typed, std::span<const std::string> names);

}  // namespace freshet::core
