// The measures of how strongly two items belong together, all computed at query time from the same
// three counts of a Cooccurrence table.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace freshet::core {

enum class Measure { kJaccard, kCosine, kLogLikelihood, kLift, kConfidence };

// "jaccard", "cosine", "llr", "lift", "confidence", and back.
std::optional<Measure> ParseMeasure(std::string_view name);
std::string_view MeasureName(Measure measure);

struct PairCounts {
  double pair = 0;        // both
  double item = 0;        // the item asked about
  double other = 0;       // the candidate
  double population = 0;  // all
};

// jaccard    = pair / (item + other - pair)
// cosine     = pair / sqrt(item * other)
// lift       = pair * population / (item * other)
// confidence = pair / item
// llr        = Dunning's log-likelihood ratio 2 * (H(row) + H(column) - H(matrix)) of the 2 x 2
// table
//              (Computational Linguistics 19(1), 1993), negated where the pair is rarer than chance
// Zero when pair, item or other is zero.
double Similarity(Measure measure, const PairCounts& counts);

}  // namespace freshet::core
