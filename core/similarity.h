// The measures of how strongly two items belong together, all computed at query time from the same
// three counts of a Cooccurrence table.
//
// jaccard    = pair / (item + other - pair)
// cosine     = pair / sqrt(item * other)
// lift       = pair * population / (item * other)
// confidence = pair / item
// llr        = 2 * (H(cells) - H(rows) - H(columns)) over the 2 x 2 table of baskets with and
//              without either item, H(k...) being sum k log(k / population): Dunning's
//              log-likelihood ratio (Computational Linguistics 19(1), 1993). Negated where the pair
//              is rarer than chance.
//
// Each is zero when pair, item or other is zero.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

namespace freshet::core {

// kFactors is not of pairs: see recipes/similar_items.h. As a measure of pairs it is the cosine.
enum class Measure { kJaccard, kCosine, kLogLikelihood, kLift, kConfidence, kFactors };

// "jaccard", "cosine", "llr", "lift", "confidence", "factors", and back.
std::optional<Measure> ParseMeasure(std::string_view name);
std::string_view MeasureName(Measure measure);

struct PairCounts {
  double pair = 0;        // both
  double item = 0;        // the item asked about
  double other = 0;       // the candidate
  double population = 0;  // all
};

double Similarity(Measure measure, const PairCounts& counts);

// x * log(x) of a count, 0 of nothing. Small integers come from a table.
double XLogX(double x);

// One measure from the side of one item: what depends on that item alone is computed once, so that
// the loop over its neighbours is short. Called as similarity(pair, other).
//
// Immutable. REQUIRES: item > 0; pair > 0 and other > 0 in each call.
template <Measure kMeasure>
class SimilarityTo;

template <>
class SimilarityTo<Measure::kJaccard> {
 public:
  SimilarityTo(double item, double /*population*/) : item_(item) {}
  double operator()(double pair, double other) const { return pair / (item_ + other - pair); }

 private:
  double item_;
};

template <>
class SimilarityTo<Measure::kCosine> {
 public:
  SimilarityTo(double item, double /*population*/) : item_(item) {}
  double operator()(double pair, double other) const { return pair / std::sqrt(item_ * other); }

 private:
  double item_;
};

template <>
class SimilarityTo<Measure::kLogLikelihood> {
 public:
  SimilarityTo(double item, double population)
      : item_(item),
        population_(std::max(population, item)),
        margins_(XLogX(population_) - XLogX(item) - XLogX(population_ - item)) {}

  double operator()(double pair, double other) const {
    const double either = item_ + other - pair;
    // Items that left a full basket and came back count twice, so a tiny population can be less
    // than its parts.
    if (either > population_) return SimilarityTo(item_, either)(pair, other);
    const double ratio =
        2 * (margins_ + XLogX(pair) + XLogX(item_ - pair) + XLogX(other - pair) +
             XLogX(population_ - either) - XLogX(other) - XLogX(population_ - other));
    const double strength = std::max(ratio, 0.0);
    return pair * population_ < item_ * other ? -strength : strength;
  }

 private:
  double item_;
  double population_;
  double margins_;
};

template <>
class SimilarityTo<Measure::kLift> {
 public:
  SimilarityTo(double item, double population) : per_item_(population / item) {}
  double operator()(double pair, double other) const { return pair * per_item_ / other; }

 private:
  double per_item_;
};

template <>
class SimilarityTo<Measure::kConfidence> {
 public:
  SimilarityTo(double item, double /*population*/) : item_(item) {}
  double operator()(double pair, double /*other*/) const { return pair / item_; }

 private:
  double item_;
};

// Calls visit(SimilarityTo<measure>(item, population)): one switch a row of neighbours, none inside
// its loop.
template <typename Visit>
decltype(auto) WithSimilarityTo(Measure measure, double item, double population, Visit&& visit) {
  switch (measure) {
    case Measure::kJaccard:
      return visit(SimilarityTo<Measure::kJaccard>(item, population));
    case Measure::kLogLikelihood:
      return visit(SimilarityTo<Measure::kLogLikelihood>(item, population));
    case Measure::kLift:
      return visit(SimilarityTo<Measure::kLift>(item, population));
    case Measure::kConfidence:
      return visit(SimilarityTo<Measure::kConfidence>(item, population));
    case Measure::kCosine:
    case Measure::kFactors:
      break;
  }
  return visit(SimilarityTo<Measure::kCosine>(item, population));
}

}  // namespace freshet::core
