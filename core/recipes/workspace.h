// Workspace: what a recipe works with while it names candidates. Owned by a query thread and used
// again for each query, so that a warm query allocates nothing; single-threaded.
#pragma once

#include "core/recipes/blend_inputs.h"
#include "core/recipes/candidates.h"
#include "core/recipes/session_search.h"

namespace freshet::core {

struct Workspace {
  Candidates candidates;
  SessionSearch sessions;
  BlendInputs blend;
};

}  // namespace freshet::core
