// The canonical text of a State: every fact that answers depend on, sorted, by external names. Two
// states that learned the same log give the same bytes, whatever slots, batches or restarts lay
// between.
#pragma once

#include <ostream>

#include "core/state.h"

namespace freshet::core {

void Dump(const State& state, std::ostream& out);

}  // namespace freshet::core
