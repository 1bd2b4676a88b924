#include "core/factors/served_factors.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/factors/inner_product.h"
#include "core/factors/workers.h"
#include "core/hash.h"

namespace freshet::core {
namespace {

Dictionary RowsByName(const std::vector<std::string>& ids) {
  Dictionary rows;
  for (std::uint32_t row = 0; row < ids.size(); ++row) rows.Insert(ids[row], row);
  return rows;
}

// Of the ids in their order; never 0.
std::uint32_t NumberOf(const std::vector<std::string>& ids) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15ULL;
  std::uint64_t hash = ids.size();
  for (const std::string& id : ids) hash = FoldedProduct(hash ^ FastHash(id), kOdd);
  return static_cast<std::uint32_t>(hash) | 1;
}

// Training that regularises strongly leaves vectors of next to nothing. Products of such numbers
// are denormal, which takes processors a hundred times as long.
FactorMatrix WithoutTraces(FactorMatrix vectors) {
  constexpr float kTrace = 1e-15F;
  for (float& value : vectors.values()) {
    if (std::abs(value) < kTrace) value = 0;
  }
  return vectors;
}

// A vector of zeros stays one.
FactorMatrix ScaledToOne(const FactorMatrix& vectors) {
  FactorMatrix scaled(vectors.rows(), vectors.dimension());
  for (std::size_t row = 0; row < vectors.rows(); ++row) {
    const std::span<const float> vector = vectors.Row(row);
    const float norm = Norm(vector);
    std::transform(vector.begin(), vector.end(), scaled.Row(row).begin(),
                   [norm](float value) { return norm > 0 ? value / norm : 0; });
  }
  return scaled;
}

// Empty when items cannot be folded in.
std::optional<FoldIn> ItemFoldInOf(const Generation& generation, Workers* workers) {
  const Objective& objective = *generation.manifest.objective;
  const Regularization& regularization = objective.item_regularization;
  if (!(regularization.lambda > 0)) return std::nullopt;
  if (generation.user_gramian.rows() > 0) {
    return FoldIn(Gramian(generation.user_gramian), objective, regularization);
  }
  if (generation.users.rows() == 0) return std::nullopt;
  return FoldIn(generation.users, objective, regularization, workers);
}

}  // namespace

Status ServedFactors::Check(const GenerationManifest& manifest) {
  if (!manifest.objective) {
    return InvalidArgument(
        "manifest.json has no objective: users cannot be folded into these factors");
  }
  if (manifest.objective->feedback == FeedbackKind::kExplicit) {
    return InvalidArgument(
        "its objective is explicit: it foretells ratings, not what is chosen next; train with "
        "implicit feedback");
  }
  if (!(manifest.objective->user_regularization.lambda > 0)) {
    return InvalidArgument(
        "objective.user_regularization.lambda is 0: a user of few items cannot be folded in");
  }
  return {};
}

Result<std::unique_ptr<const ServedFactors>> ServedFactors::Make(
    std::string name, Generation generation, const ServedFactorsOptions& options,
    Workers* workers) {
  FRESHET_RETURN_IF_ERROR(Check(generation.manifest));
  CallingThread alone;
  if (workers == nullptr) workers = &alone;
  std::optional<FoldIn> of_items = ItemFoldInOf(generation, workers);
  const std::size_t users = generation.users.rows();
  // Many megabytes that nobody asks any more, before as many are taken for the search.
  generation.users = {};
  generation.user_ids = {};
  // Not make_shared: identity() would keep the memory.
  return std::unique_ptr<const ServedFactors>(new ServedFactors(
      std::shared_ptr<const Trained>(new Trained(std::move(name), std::move(generation),
                                                 std::move(of_items), users, options, workers)),
      {}));
}

std::unique_ptr<const ServedFactors> ServedFactors::With(NewbornItems newborns) const {
  return std::unique_ptr<const ServedFactors>(new ServedFactors(trained_, std::move(newborns)));
}

ServedFactors::Trained::Trained(std::string of_name, Generation generation,
                                std::optional<FoldIn> of_items, std::size_t user_count,
                                const ServedFactorsOptions& options, Workers* workers)
    : name(std::move(of_name)),
      number(NumberOf(generation.item_ids)),
      manifest(std::move(generation.manifest)),
      users(user_count),
      ids(RowsByName(generation.item_ids)),
      products(WithoutTraces(std::move(generation.items)), workers),
      user_fold_in(products.vectors, *manifest.objective, manifest.objective->user_regularization,
                   workers),
      item_fold_in(std::move(of_items)) {
  if (options.has_directions) directions.emplace(ScaledToOne(products.vectors), workers);
}

ServedFactors::ServedFactors(std::shared_ptr<const Trained> trained, NewbornItems newborns)
    : trained_(std::move(trained)), newborns_(std::move(newborns)) {
  if (trained_->directions) newborn_directions_ = ScaledToOne(newborns_.vectors);
}

}  // namespace freshet::core
