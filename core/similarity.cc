#include "core/similarity.h"

#include <array>
#include <cstddef>
#include <utility>

namespace freshet::core {

namespace {

constexpr std::array<std::pair<Measure, std::string_view>, 6> kMeasures = {{
    {Measure::kJaccard, "jaccard"},
    {Measure::kCosine, "cosine"},
    {Measure::kLogLikelihood, "llr"},
    {Measure::kLift, "lift"},
    {Measure::kConfidence, "confidence"},
    {Measure::kFactors, "factors"},
}};

using XLogXTable = std::array<double, 4096>;

const XLogXTable kXLogX = [] {
  XLogXTable table{};
  for (std::size_t x = 1; x < table.size(); ++x) {
    table[x] = static_cast<double>(x) * std::log(static_cast<double>(x));
  }
  return table;
}();

}  // namespace

std::optional<Measure> ParseMeasure(std::string_view name) {
  for (const auto& [measure, text] : kMeasures) {
    if (text == name) return measure;
  }
  return std::nullopt;
}

std::string_view MeasureName(Measure measure) {
  for (const auto& [known, text] : kMeasures) {
    if (known == measure) return text;
  }
  return {};
}

double XLogX(double x) {
  if (x <= 0) return 0;
  if (x < static_cast<double>(kXLogX.size())) {
    const auto index = static_cast<std::size_t>(x);
    if (static_cast<double>(index) == x) return kXLogX[index];
  }
  return x * std::log(x);
}

double Similarity(Measure measure, const PairCounts& counts) {
  if (counts.pair <= 0 || counts.item <= 0 || counts.other <= 0) return 0;
  return WithSimilarityTo(measure, counts.item, counts.population, [&](const auto& similarity) {
    return similarity(counts.pair, counts.other);
  });
}

}  // namespace freshet::core
