// Workspace: what a recipe works with while it names candidates. Owned by a query thread and used
// again for each query, so that a warm query allocates nothing; single-threaded.
#pragma once

#include "core/recipes/blend_inputs.h"
#include "core/recipes/candidates.h"
#include "core/recipes/content_match.h"
#include "core/recipes/factor_match.h"
#include "core/recipes/session_search.h"
#include "core/recipes/session_votes.h"

namespace freshet::core {

struct Workspace {
  Candidates candidates;
  SessionSearch sessions;
  SessionVotes votes;
  ContentMatch content;  // with what the visitor touched lately, or what was asked about
  BlendInputs blend;
  FactorMatch factors;
};

}  // namespace freshet::core
