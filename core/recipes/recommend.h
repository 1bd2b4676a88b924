// Recommend and Rank: run a recipe and choose the answer.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "core/recipes/answer_item.h"
#include "core/recipes/audience_demand.h"
#include "core/recipes/best_candidates.h"
#include "core/recipes/explore.h"
#include "core/recipes/recipe.h"

namespace freshet::core {

// What one query thread uses again for each query: the result, and room to work in. A warm query
// allocates nothing. Single-threaded.
struct QueryScratch {
  std::vector<AnswerItem> answer;

  Workspace room;
  BestCandidates best;
  ExplorationScratch exploration;
  AudienceDemand audience_demand;
  std::vector<std::pair<std::string_view, std::uint32_t>> unknown_ids;
};

// Answers `query` by `recipe`: the best candidates, best first, ties to the older item. Dead items,
// the item asked about and items outside query.category are never among them, and no item occurs
// twice. A short answer is filled up with what is popular, first among users of the visitor's
// attributes, then with the newest of the catalogue,
// until it has query.count items or no more are eligible (of a large catalogue only the newest few
// thousand are looked at). A visitor who has seen everything gets what is popular nevertheless, so
// the answer is empty only when nothing but the item asked about could be in it: a category that
// nobody knows, an empty catalogue, a count of 0. A recipe that explores gives some places to new
// items, see explore.h.
//
// The result is scratch->answer, valid until its next use.
void Recommend(const State& state, const Recipe& recipe, const Query& query, QueryScratch* scratch);

// Puts query.rank in order by `recipe`, personalized-ranking as a rule: every id once, known ones
// first, best first, with a score (0 when the recipe has nothing to say of them), unknown and
// deleted ones last in the order given and without. query.count and query.category do not matter.
void Rank(const State& state, const Recipe& recipe, const Query& query, QueryScratch* scratch);

}  // namespace freshet::core
