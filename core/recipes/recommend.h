// Recommend: runs a recipe and chooses the answer.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/recipes/recipe.h"

namespace freshet::core {

struct AnswerItem {
  ItemId item;               // invalid for a ranked id that the catalogue does not know
  std::string_view unknown;  // that id; a view into Query::rank
  double score = 0;
  bool has_score = false;
  Reason reason = Reason::kNone;
  ItemId because;
  std::array<float, kFeatureCount> features{};
};

// What one query thread uses again for each query. Single-threaded.
struct QueryScratch {
  Candidates candidates;
  std::vector<AnswerItem> answer;
};

// Answers `query` by `recipe`: the best candidates, best first, ties to the older item; dead items
// and the item asked about are never among them; short answers are filled up with what is popular
// (in the query's category if it has one). Never empty while the catalogue is not. No item occurs
// twice. The result is scratch->answer, valid until its next use. Works through at most a few
// thousand candidates.
void Recommend(const State& state, const Recipe& recipe, const Query& query, QueryScratch* scratch);

// Puts query.rank in order by `recipe` (see personalized_ranking.h): every id once, known ones
// first with a score, unknown ones last in the order given and without.
void Rank(const State& state, const Recipe& recipe, const Query& query, QueryScratch* scratch);

}  // namespace freshet::core
