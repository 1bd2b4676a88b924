// How core gets work done on several threads without knowing of any: whoever calls lends them.
#pragma once

#include <cstddef>
#include <functional>

namespace freshet::core {

// Calls part(0) to part(count - 1), each once, in any order or side by side, and returns when all
// are done. What core computes by it does not depend on which part ran where or when.
using RunParts =
    std::function<void(std::size_t count, const std::function<void(std::size_t)>& part)>;

// On the caller's own thread.
inline void RunInTurn(std::size_t count, const std::function<void(std::size_t)>& part) {
  for (std::size_t i = 0; i < count; ++i) part(i);
}

}  // namespace freshet::core
